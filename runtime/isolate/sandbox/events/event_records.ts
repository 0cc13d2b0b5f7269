/**
 * The events of a delivery as records, and the key of each: what has the same key runs in order.
 *
 * @module
 */

import { RespDecoder } from "../../../../redis/resp_decoder.ts";
import type { EventPayload } from "../../event_messages.ts";
import { decodeEntry } from "../readers/decode_segment.ts";

/** Events of one delivery. */
export interface EventRecords {
  readonly count: number;
  /** The key that all events have in common; null where each has its own. */
  readonly commonKey: string | null;
  /** The key of the event at a place. */
  keyAt(place: number): string;
  /** What is known of the records without reading: what `orderBy` sees. */
  preview(from: number, to: number): unknown[];
  /** Records of the events `from` to `to - 1`; a promise where they have to be read first. */
  read(from: number, to: number): unknown[] | Promise<unknown[]>;
}

const decoder = new TextDecoder();

/** Opens what came in a message. */
export function openRecords(payload: EventPayload): EventRecords {
  switch (payload.kind) {
    case "stream":
      return listed(decodeStream(payload), payload.key);
    case "keys":
      return openKeys(payload);
    case "command":
      return listed([payload.args], "");
    case "time":
      return listed([payload.time], "");
    default:
      throw payload satisfies never;
  }
}

function listed(records: unknown[], commonKey: string): EventRecords {
  const slice = (from: number, to: number) => records.slice(from, to);
  return { count: records.length, commonKey, keyAt: () => commonKey, preview: slice, read: slice };
}

function openKeys(
  { keys, events }: Extract<EventPayload, { kind: "keys" }>,
): EventRecords {
  const slice = (from: number, to: number) =>
    keys.slice(from, to).map((key, index) => ({ key: toText(key), event: events[from + index] }));
  const keyAt = (place: number) => toText(keys[place]);
  return { count: keys.length, commonKey: null, keyAt, preview: slice, read: slice };
}

function decodeStream(
  { key, count, entries }: Extract<EventPayload, { kind: "stream" }>,
): unknown[] {
  const values = new RespDecoder(entries);
  const records: unknown[] = new Array(count);
  for (let index = 0; index < count; index++) records[index] = decodeEntry(values, key);
  return records;
}

function toText(key: string | Uint8Array): string {
  return typeof key === "string" ? key : decoder.decode(key);
}
