/**
 * Turns a segment of a page, raw RESP, into records.
 *
 * @module
 */

import { RespDecoder, RespError, type RespValue } from "../../../redis/resp_decoder.ts";
import type { PageSegment, SegmentType } from "../../../contract/isolate/worker_border.ts";

/** Keys that are Pinion's own and that no reader shows. */
const OWN_PREFIX = "__pinion:";

type TextOrBytes = string | Uint8Array;
/** The value of one key, or `SKIP` where the key is gone or has another type by now. */
type ValueDecoder = (values: RespDecoder) => unknown;

const SKIP: unique symbol = Symbol("skip");

/** The records of a KeysReader. */
export function decodeRecords(segment: PageSegment): unknown[] {
  const keys = new RespDecoder(segment.keys);
  const records: unknown[] = [];
  const { type, count } = segment;
  if (type === "keys") {
    for (let index = 0; index < count; index++) {
      const key = readKey(keys);
      if (!isOwn(key)) records.push({ key, event: null });
    }
    return records;
  }
  const values = new RespDecoder(segment.values ?? new Uint8Array());
  const decode = DECODERS[type];
  if (type === "string") values.readAggregateLength();
  for (let index = 0; index < count; index++) {
    const key = readKey(keys);
    const value = decode(values);
    if (value !== SKIP && !isOwn(key)) records.push({ key, event: null, type, value });
  }
  return records;
}

/** The values of a segment in its order; undefined where the key is gone by now. */
export function decodeValues({ type, count, values: bytes }: PageSegment): unknown[] {
  const decoded: unknown[] = new Array(count).fill(null);
  if (type === "keys" || bytes === null) return decoded;
  const values = new RespDecoder(bytes);
  const decode = DECODERS[type];
  if (type === "string") values.readAggregateLength();
  for (let index = 0; index < count; index++) {
    const value = decode(values);
    decoded[index] = value === SKIP ? undefined : value;
  }
  return decoded;
}

/** The keys of a segment as text. */
export function decodeKeys(segment: PageSegment): string[] {
  const keys = new RespDecoder(segment.keys);
  const texts: string[] = [];
  for (let index = 0; index < segment.count; index++) {
    const key = readKey(keys);
    if (!isOwn(key)) texts.push(key);
  }
  return texts;
}

/** The entries of a stream as records. */
export function decodeEntries(segment: PageSegment, key: string): unknown[] {
  const values = new RespDecoder(segment.values!);
  const entries = values.next() as RespValue[];
  return entries.map((entry) => ({ key, ...toEntry(entry) }));
}

/** The next entry of a stream, `[id, [field, value, …]]`, as a record. */
export function decodeEntry(values: RespDecoder, key: string): unknown {
  values.readAggregateLength();
  const id = values.readBulkText();
  const value = readHash(values);
  return { key, id, value: value === SKIP ? {} : value };
}

/** Decoders by type. Sorted sets come with scores, streams as XRANGE gives them. */
const DECODERS: Readonly<Record<Exclude<SegmentType, "keys">, ValueDecoder>> = {
  entries: () => SKIP,
  string: (values) => values.readBulkText() ?? SKIP,
  list: readList,
  set: readList,
  hash: readHash,
  zset: readScores,
  stream: (values) => {
    const value = values.next();
    return Array.isArray(value) ? value.map(toEntry) : SKIP;
  },
  module: () => null,
  empty: () => null,
};

function readKey(keys: RespDecoder): string {
  const key = keys.readBulkText();
  return typeof key === "string" ? key : new TextDecoder().decode(key!);
}

function isOwn(key: string): boolean {
  return key.charCodeAt(0) === 95 && key.startsWith(OWN_PREFIX);
}

const ARRAY = 42;

function readList(values: RespDecoder): TextOrBytes[] | typeof SKIP {
  if (values.peekType() !== ARRAY) return skip(values);
  const length = values.readAggregateLength();
  if (length <= 0) return SKIP;
  const list: TextOrBytes[] = new Array(length);
  for (let index = 0; index < length; index++) list[index] = values.readBulkText()!;
  return list;
}

function readHash(values: RespDecoder): Record<string, TextOrBytes> | typeof SKIP {
  if (values.peekType() !== ARRAY) return skip(values);
  const length = values.readAggregateLength();
  if (length <= 0) return SKIP;
  const hash: Record<string, TextOrBytes> = {};
  for (let index = 0; index < length; index += 2) {
    setField(hash, values.readBulkText()!, values.readBulkText()!);
  }
  return hash;
}

function readScores(values: RespDecoder): unknown {
  if (values.peekType() !== ARRAY) return skip(values);
  const length = values.readAggregateLength();
  if (length <= 0) return SKIP;
  const scores: { member: TextOrBytes; score: number }[] = [];
  for (let index = 0; index < length; index += 2) {
    const member = values.readBulkText()!;
    scores.push({ member, score: toScore(values.readBulkText() as string) });
  }
  return scores;
}

function toScore(text: string): number {
  if (text === "inf") return Infinity;
  return text === "-inf" ? -Infinity : Number(text);
}

/** A reply that is no value: the key was deleted, changed its type or left while it was read. */
function skip(values: RespDecoder): typeof SKIP {
  const value = values.next();
  if (value instanceof RespError && !isGone(value.message)) throw new Error(value.message);
  return SKIP;
}

/**
 * Tells whether a key has left for another server, which is read after:
 * `child/pages/moved_keys.ts`.
 */
function isGone(message: string): boolean {
  return message.startsWith("WRONGTYPE") || message.startsWith("MOVED ") ||
    message.startsWith("ASK ");
}

function toEntry(entry: RespValue): { id: string; value: Record<string, TextOrBytes> } {
  const [id, fields] = entry as [string, TextOrBytes[]];
  const value: Record<string, TextOrBytes> = {};
  for (let index = 0; index < fields.length; index += 2) {
    setField(value, fields[index], fields[index + 1]);
  }
  return { id, value };
}

/** Sets an own property also where the name means something to objects. */
function setField(
  target: Record<string, TextOrBytes>,
  name: TextOrBytes,
  value: TextOrBytes,
): void {
  const key = typeof name === "string" ? name : new TextDecoder().decode(name);
  if (key === "__proto__") {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else target[key] = value;
}
