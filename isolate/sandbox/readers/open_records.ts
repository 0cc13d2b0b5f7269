/**
 * Opens the events of a delivery as records.
 *
 * @module
 */

import { RespDecoder } from "../../../redis/resp_decoder.ts";
import type { KeysTrigger, TriggerSpec } from "../../../contract/plan/registration.ts";
import type { EventPayload } from "../../../contract/isolate/messages/events.ts";
import { decodeEntry } from "./decode_segment.ts";
import type { EventRecords } from "./event_records.ts";
import { KeyRecords } from "./key_records.ts";

/** Opens the events of one message. */
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
