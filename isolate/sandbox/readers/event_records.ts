/**
 * The events of a delivery as records, and the key of each: what has the same key runs in order.
 *
 * @module
 */

import { RespDecoder } from "../../../redis/resp_decoder.ts";
import type { KeysTrigger, TriggerSpec } from "../../../contract/plan/registration.ts";
import type { EventPayload } from "../../../contract/isolate/events.ts";
import { decodeEntry } from "./decode_segment.ts";
import { KeyRecords } from "./key_records.ts";

/** Events of one delivery. */
export interface EventRecords {
  readonly count: number;
  /** The key that all events have in common; null where each has its own. */
  readonly commonKey: string | null;
  /** The key of the event at a place. */
  keyAt(place: number): string;
  /** What is known of the records without reading: what `orderBy` sees. */
  preview(from: number, to: number): unknown[];
  /** Reads what has to be read of the shard first; null where nothing has. Never rejects. */
  prepare(): Promise<void> | null;
  /**
   * Records of the events `from` to `to - 1`, of those that fit: fewer, or none.
   *
   * @throws why they could not be read
   */
  read(from: number, to: number): unknown[];
  /** The execution of these events is over, or will not begin. */
  settle?(from: number, to: number, isDone: boolean): void;
}

/** Opens what came in a message. */
export function openRecords(payload: EventPayload, trigger: TriggerSpec): EventRecords {
  switch (payload.kind) {
    case "stream":
      return listed(decodeStream(payload), payload.key);
    case "keys":
      return new KeyRecords(payload, trigger as KeysTrigger);
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
  return {
    count: records.length,
    commonKey,
    keyAt: () => commonKey,
    preview: slice,
    prepare: () => null,
    read: slice,
  };
}

function decodeStream(
  { key, count, entries }: Extract<EventPayload, { kind: "stream" }>,
): unknown[] {
  const values = new RespDecoder(entries);
  const records: unknown[] = new Array(count);
  for (let index = 0; index < count; index++) records[index] = decodeEntry(values, key);
  return records;
}
