/**
 * Parts of an event list that are run together, and how they are cut, merged and halved.
 *
 * Pure: nothing here runs or waits.
 *
 * @module
 */

import type { EventFailure } from "../../../contract/isolate/messages/events.ts";
import { findTrouble } from "../../../contract/isolate/server_trouble.ts";
import { MAX_CHAIN_DEPTH } from "../chains/chains.ts";
import type { EventList } from "../source/event_list.ts";

/** Executions that are to be run: one, or several that follow each other. */
export interface Part {
  readonly from: number;
  readonly to: number;
  /** Events of an execution. */
  readonly batch: number;
  /** Number of its runs so far. */
  readonly attempts: number;
  /** Reason why it failed the last time. */
  readonly failure: EventFailure | null;
  /** True if it is run alone: an isolate died of it or of others. */
  readonly isSuspect: boolean;
  /** Number of isolates that died while it was run alone. */
  readonly deaths: number;
  /** Its events have used up their tries together: what is at fault is looked for. */
  readonly isParted: boolean;
}

/** The outcome of a delivery. */
export interface Outcome {
  readonly failures: ReadonlyMap<number, EventFailure>;
  /** By number of the execution. */
  readonly over: readonly boolean[];
  /** Reason why not all of it was run. */
  readonly reason: unknown;
}

/**
 * Makes parts of all events but those that would make a chain of registrations too long.
 *
 * @param onChain Called with the position of an event that is left out.
 */
export function partsOf(
  list: EventList,
  batch: number,
  onChain: (position: number) => void,
): Part[] {
  const part: Part = {
    ...{ from: 0, to: list.count, batch, attempts: 0, failure: null },
    ...{ isSuspect: false, deaths: 0, isParted: false },
  };
  const depths = list.depths(0, list.count);
  if (depths === undefined || depths.every((depth) => depth < MAX_CHAIN_DEPTH)) return [part];
  const parts: Part[] = [];
  let from = 0;
  for (let position = 0; position < list.count; position++) {
    if (depths[position] < MAX_CHAIN_DEPTH) continue;
    if (position > from) parts.push({ ...part, from, to: position });
    from = position + 1;
    onChain(position);
  }
  if (list.count > from) parts.push({ ...part, from, to: list.count });
  return parts;
}

/** Halves a part of several events, to find the one that fails. */
export function halve(part: Part): Part[] {
  const { from, to } = part;
  const middle = (from + to) >> 1;
  const half = { ...part, failure: null, isParted: true };
  return [
    { ...half, to: middle, batch: middle - from },
    { ...half, from: middle, batch: to - middle },
  ];
}

/** Lists the executions of a delivered part that are not over, failed ones with their failure. */
export function remaining(part: Part, { failures, over }: Outcome, hasDied: boolean): Part[] {
  const left: Part[] = [];
  for (const [execution, isOver] of over.entries()) {
    const at = execution * part.batch;
    const from = part.from + at;
    const to = Math.min(from + part.batch, part.to);
    const failure = failures.get(at) ?? null;
    if (isOver && failure === null) continue;
    if (failure !== null) {
      left.push({ ...part, from, to, batch: to - from, failure, attempts: part.attempts + 1 });
    } else left.push({ ...part, from, to, isSuspect: part.isSuspect || hasDied });
  }
  return mergeParts(left);
}

/** Makes one part of neighbours that may be delivered together. */
export function mergeParts(parts: readonly Part[]): Part[] {
  const merged: Part[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (last === undefined || !mayMerge(last, part)) merged.push(part);
    else merged[merged.length - 1] = { ...last, to: part.to };
  }
  return merged;
}

function mayMerge(last: Part, part: Part): boolean {
  if (last.to !== part.from || (last.to - last.from) % last.batch !== 0) return false;
  if (part.batch !== last.batch && part.to - part.from > last.batch) return false;
  return [last, part].every(({ failure, isSuspect, isParted, attempts }) =>
    failure === null && !isSuspect && !isParted && attempts === 0
  );
}

/** Clears a part of suspicion, unless an isolate died of it or it has failed. */
export function toUnsuspected(part: Part): Part {
  return part.failure === null && part.deaths === 0 ? { ...part, isSuspect: false } : part;
}

/** Restores a part that failed by Redis' own trouble as it was before. */
export function toTryAgain(part: Part): Part {
  if (part.failure === null || findTrouble(part.failure.errors) === null) return part;
  return { ...part, attempts: part.attempts - 1, failure: null };
}

/** Lists the positions of a part's events. */
export function positionsOf({ from, to }: Part): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
