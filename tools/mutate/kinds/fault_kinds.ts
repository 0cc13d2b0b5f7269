/**
 * The kinds of fault: a kind is one row here and one constant beside this file.
 *
 * @module
 */

import type { FaultKind } from "../fault.ts";
import {
  droppedAbort,
  droppedCleanup,
  droppedClearTimer,
  droppedDispose,
  droppedFinally,
} from "./cleanup.ts";
import { flippedComparison, negatedCondition, prefixCompare, swappedJoin } from "./conditions.ts";
import { droppedBranch, droppedGuard, droppedStatement, earlyReturn } from "./branches.ts";
import { changedBound, offByOne, swappedExtreme } from "./numbers.ts";
import { droppedAwait, swappedStatements } from "./waiting.ts";

/** Every kind, each tried at every node. */
export const FAULT_KINDS: readonly FaultKind[] = [
  droppedAwait,
  swappedStatements,
  droppedCleanup,
  droppedClearTimer,
  droppedAbort,
  droppedFinally,
  droppedDispose,
  flippedComparison,
  negatedCondition,
  swappedJoin,
  prefixCompare,
  offByOne,
  changedBound,
  swappedExtreme,
  droppedBranch,
  droppedGuard,
  earlyReturn,
  droppedStatement,
];
