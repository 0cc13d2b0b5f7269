/**
 * Formats the event of a dead letter for people.
 *
 * @module
 */

import type { LetterRecord } from "../../../contract/api/dead_letter_info.ts";
import { RespDecoder } from "../../../redis/resp_decoder.ts";
import type { EventPayload } from "../../../contract/isolate/messages/events.ts";

/** Text or bytes of a record that are shown at most; each value is cut to what is left of it. */
export const MAX_SHOWN = 16 * 1024;

/** The record of a payload of one event; null where there is none, or it cannot be read. */
export function recordOf(payload: EventPayload | null): LetterRecord {
  if (payload === null) return { record: null, isCut: false };
  const cutter = new Cutter();
  try {
    const record = toRecord(payload, cutter);
    return { record, isCut: cutter.hasCut };
  } catch {
    // A message that no Redis has sent: another one has written the letter.
    return { record: null, isCut: false };
  }
}

function toRecord(payload: EventPayload, cutter: Cutter): unknown {
  switch (payload.kind) {
    case "stream":
      return messageOf(payload, cutter);
    case "keys":
      return { key: cutter.cut(payload.keys[0]), event: payload.events[0] };
    case "command":
      return payload.args.map((word) => cutter.cut(word));
    case "time":
      return payload.time;
    default:
      return payload satisfies never;
  }
}

function messageOf(
  { key, entries }: Extract<EventPayload, { kind: "stream" }>,
  cutter: Cutter,
): unknown {
  const decoder = new RespDecoder(entries);
  decoder.readAggregateLength();
  const id = decoder.readBulkText();
  const fields = decoder.readAggregateLength() / 2;
  const value = new Map<unknown, unknown>();
  for (let at = 0; at < fields && cutter.room > 0; at++) {
    value.set(cutter.cut(decoder.readBulkText()!), cutter.cut(decoder.readBulkText()!));
  }
  if (value.size < fields && cutter.room === 0) cutter.hasCut = true;
  return { key, id, value };
}

/** Shortens values so that all of them together are no longer than {@linkcode MAX_SHOWN}. */
class Cutter {
  room = MAX_SHOWN;
  hasCut = false;

  cut(value: string | Uint8Array): string | Uint8Array {
    const { length } = value;
    if (length <= this.room) {
      this.room -= length;
      return value;
    }
    const shown = value.slice(0, this.room);
    this.room = 0;
    this.hasCut = true;
    return shown;
  }
}
