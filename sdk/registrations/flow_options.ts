/**
 * How much of a registration runs at a time: options of `register()`.
 *
 * @module
 */

import { PlanError } from "../base/gears_error.ts";
import { type CallbackTable, describe, requireFunction } from "../operations/operation.ts";
import type { FlowSpec } from "../../contract/plan/registration.ts";
import { type GivenOptions, numberOf } from "./event_reader.ts";

/** Executions of a registration that may be under way on a shard. */
export const DEFAULT_CONCURRENCY = 64;

/** Options of registrations whose events have keys; `T` is the record that their reader gives. */
export interface FlowOptions<T> {
  /** Executions at a time on a shard. Default 64; 1 with mode `sync`. */
  readonly concurrency?: number;
  /** Of them, with the same key. Default 1: what has the same key keeps its order. */
  readonly concurrencyPerKey?: number;
  /** Gives that key. Default: the key of the event, or of the message's stream. */
  readonly orderBy?: (record: T) => unknown;
  /** Executions that may begin in a second. Default: any number. */
  readonly ratePerSecond?: number;
}

/** Option of registrations on keys. */
export interface DebounceOptions {
  /** Wait until a key has been quiet for so long, and fire with its last event only. */
  readonly debounceMs?: number;
}

/** Option of registrations whose events may come twice. */
export interface DedupeOptions<T> {
  /**
   * Events whose `id` was there on this shard within the window do not fire; what failed may come
   * again. It is remembered in Redis, with the rights of the library's Redis user.
   */
  readonly dedupe?: {
    /** Gives the id of a record; null or undefined: it always fires. */
    readonly id: (record: T) => unknown;
    /** How long an id is remembered, in milliseconds. */
    readonly windowMs: number;
  };
}

/** Names of {@linkcode FlowOptions}. */
export const FLOW_OPTIONS = ["concurrency", "concurrencyPerKey", "orderBy", "ratePerSecond"];

const DAY_MS = 86_400_000;

/** @throws GearsError */
export function compileFlow(
  options: GivenOptions,
  { concurrency: fallback, isOrdered }: {
    readonly concurrency: number;
    readonly isOrdered: boolean;
  },
  callbacks: CallbackTable,
): FlowSpec {
  const { concurrency = isOrdered ? 1 : fallback, concurrencyPerKey = 1, orderBy } = options;
  const { ratePerSecond, debounceMs, dedupe } = options;
  const inAll = numberOf(concurrency, "concurrency argument", { min: 1, max: 10_000 });
  if (isOrdered && inAll !== 1) {
    throw new PlanError("concurrency can only be 1 with mode sync or inorder: one after the other");
  }
  if (orderBy !== undefined) requireFunction(orderBy, "orderBy argument");
  return {
    concurrency: inAll,
    concurrencyPerKey: numberOf(concurrencyPerKey, "concurrencyPerKey argument", {
      min: 1,
      max: 10_000,
    }),
    ...(orderBy !== undefined && { orderBy: callbacks.author(orderBy) }),
    ratePerSecond: ratePerSecond === undefined
      ? null
      : numberOf(ratePerSecond, "ratePerSecond argument", { min: 1, max: 1_000_000 }),
    debounceMs: debounceMs === undefined
      ? null
      : numberOf(debounceMs, "debounceMs argument", { min: 1, max: DAY_MS }),
    dedupe: dedupe === undefined ? null : compileDedupe(dedupe, callbacks),
  };
}

function compileDedupe(dedupe: unknown, callbacks: CallbackTable): FlowSpec["dedupe"] {
  if (typeof dedupe !== "object" || dedupe === null) {
    throw new PlanError(`dedupe argument must be { id, windowMs }, got ${describe(dedupe)}`);
  }
  const { id, windowMs } = dedupe as { readonly id?: unknown; readonly windowMs?: unknown };
  requireFunction(id, "dedupe.id argument");
  return {
    id: callbacks.author(id),
    windowMs: numberOf(windowMs, "dedupe.windowMs argument", { min: 1, max: 7 * DAY_MS }),
  };
}
