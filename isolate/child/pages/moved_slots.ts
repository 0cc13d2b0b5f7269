/**
 * Finds out which of a shard's slots have gone to other servers.
 *
 * @module
 */

import { SLOT_COUNT } from "../../../redis/slots.ts";
import type { ServerAddress } from "../../../contract/isolate/messages/host_messages.ts";

/** Slots that are at another server, or on their way to it. */
export interface MovedSlots {
  readonly place: ServerAddress;
  /** 1 for each slot that is there, or on its way. */
  readonly mask: Uint8Array;
  /** 1 for each of them that is on its way. */
  readonly underWay: Uint8Array;
}

/** A server that was read before, for slots that were on their way from there. */
export interface SlotsSource {
  readonly id: string;
  /** 1 for each of these slots. */
  readonly slots: Uint8Array;
}

/** Slots `first` to `last`, both included. */
export type SlotSpan = readonly [first: number, last: number];

interface NodeLine {
  readonly id: string;
  readonly place: ServerAddress;
  readonly isMyself: boolean;
  readonly slots: readonly string[];
}

/** The point of view from which CLUSTER NODES is read. */
export interface SlotQuestion {
  /** The slots in question. */
  readonly spans: readonly SlotSpan[];
  /** Host of the server that was asked, for servers that do not know theirs. */
  readonly askedHost: string;
  /** The server from which slots that are on their way count as here. */
  readonly source?: SlotsSource;
}

/**
 * The slots that the server which was asked does not own, or is about to give away, by where they
 * are.
 *
 * @param nodes Its reply to CLUSTER NODES.
 * @throws Error where nobody owns one of them
 */
export function findMovedSlots(
  nodes: string,
  { spans, askedHost, source }: SlotQuestion,
): MovedSlots[] {
  const lines = nodes.split("\n").filter((line) => line !== "")
    .map((line) => parseLine(line, askedHost))
    .sort((a, b) => Number(b.isMyself) - Number(a.isMyself));
  const missing = new Uint8Array(SLOT_COUNT);
  for (const [first, last] of spans) missing.fill(1, first, last + 1);
  const wanted = missing.slice();
  const found: MovedSlots[] = [];
  for (const { place, isMyself, slots } of lines) {
    const mask = new Uint8Array(SLOT_COUNT);
    for (const [first, last] of slots.flatMap(parseSpan)) {
      if (!isMyself) { for (let slot = first; slot <= last; slot++) mask[slot] = wanted[slot]; }
      missing.fill(0, first, last + 1);
    }
    if (isMyself) forgetImported(slots, source, wanted);
    if (mask.includes(1)) found.push({ place, mask, underWay: new Uint8Array(SLOT_COUNT) });
  }
  addMigrating(lines, wanted, found);
  const ownerless = missing.indexOf(1);
  if (ownerless >= 0) throw new Error(`CLUSTERDOWN No server owns the slot ${ownerless}`);
  return found;
}

/** Number of all slots. */
export function countSlots(moved: readonly Pick<MovedSlots, "mask">[]): number {
  let count = 0;
  for (const { mask } of moved) for (const bit of mask) count += bit;
  return count;
}

/** Slots of `before` that are not in `after`, as a mask. */
export function returnedSlots(
  before: readonly MovedSlots[],
  after: readonly MovedSlots[],
): Uint8Array {
  const returned = new Uint8Array(SLOT_COUNT);
  for (const { mask } of before) mask.forEach((bit, slot) => returned[slot] |= bit);
  for (const { mask } of after) mask.forEach((bit, slot) => returned[slot] &= 1 - bit);
  return returned;
}

/** Id of the server that was asked. */
export function readMyId(nodes: string): string {
  return /^(\w+) \S+ \S*\bmyself\b/m.exec(nodes)?.[1] ?? "";
}

/** The slots of a mask as spans. */
export function toSpans(mask: Uint8Array): SlotSpan[] {
  const spans: SlotSpan[] = [];
  for (let first = mask.indexOf(1); first >= 0;) {
    const end = mask.indexOf(0, first);
    spans.push([first, (end < 0 ? SLOT_COUNT : end) - 1]);
    first = end < 0 ? -1 : mask.indexOf(1, end);
  }
  return spans;
}

/**
 * `[77-<-id]` of the server that was asked: keys of the slot come here from there. One that was
 * here when the source was read has gone back since then, and is looked for there.
 */
function forgetImported(
  slots: readonly string[],
  source: SlotsSource | undefined,
  wanted: Uint8Array,
): void {
  for (const text of slots) {
    const [, slot, id] = /^\[(\d+)-<-(\w+)\]$/.exec(text) ?? [];
    if (slot === undefined || id !== source?.id || source.slots[Number(slot)] === 0) continue;
    wanted[Number(slot)] = 0;
  }
}

/** `[93->-id]` of the server that was asked: keys of the slot may be at either. */
function addMigrating(
  lines: readonly NodeLine[],
  wanted: Uint8Array,
  found: MovedSlots[],
): void {
  const myself = lines.find(({ isMyself }) => isMyself);
  for (const text of myself?.slots ?? []) {
    const [, slot, id] = /^\[(\d+)->-(\w+)\]$/.exec(text) ?? [];
    const target = lines.find((line) => line.id === id);
    if (slot === undefined || target === undefined || wanted[Number(slot)] === 0) continue;
    let there = found.find(({ place }) => nameOf(place) === nameOf(target.place));
    if (there === undefined) {
      const { place } = target;
      there = { place, mask: new Uint8Array(SLOT_COUNT), underWay: new Uint8Array(SLOT_COUNT) };
      found.push(there);
    }
    there.mask[Number(slot)] = 1;
    there.underWay[Number(slot)] = 1;
  }
}

function parseLine(line: string, askedHost: string): NodeLine {
  const [id, address, flags, _master, _ping, _pong, _epoch, _link, ...slots] = line.split(" ");
  const [, host, port] = /^(.*):(\d+)@/.exec(address) ?? /^(.*):(\d+)/.exec(address) ?? [];
  return {
    id,
    place: { host: host || askedHost, port: Number(port) },
    isMyself: flags.split(",").includes("myself"),
    slots,
  };
}

function parseSpan(text: string): SlotSpan[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  return match === null ? [] : [[Number(match[1]), Number(match[2] ?? match[1])]];
}

function nameOf({ host, port }: ServerAddress): string {
  return `${host}:${port}`;
}
