/**
 * Cuts the events of a delivery, so that an execution gets its own only.
 *
 * @module
 */

import { FrameScanner } from "../../../redis/frame_scanner.ts";
import type { EventPayload } from "../../../contract/isolate/messages/events.ts";

/** Slices of one payload. */
export class EventSlices {
  readonly #payload: EventPayload;
  /** Offset of each entry of a stream, and of the end. */
  #offsets: readonly number[] | null = null;

  constructor(payload: EventPayload) {
    this.#payload = payload;
  }

  /** The events `from` to `to - 1`. */
  slice(from: number, to: number): EventPayload {
    const payload = this.#payload;
    switch (payload.kind) {
      case "stream": {
        if (from === 0 && to === payload.count) return payload;
        const offsets = this.#offsets ??= findEntries(payload.entries);
        const entries = payload.entries.subarray(offsets[from], offsets[to]);
        return { ...payload, count: to - from, entries };
      }
      case "keys": {
        const { keys, events } = payload;
        return { ...payload, keys: keys.slice(from, to), events: events.slice(from, to) };
      }
      case "command":
      case "time":
        return payload;
      default:
        return payload satisfies never;
    }
  }
}

function findEntries(entries: Uint8Array): number[] {
  const scanner = new FrameScanner();
  const offsets = [0];
  for (let at = 0; at < entries.length;) {
    at = scanner.scan(entries, at);
    if (at < 0) throw new RangeError("expected whole entries of a stream");
    offsets.push(at);
  }
  return offsets;
}
