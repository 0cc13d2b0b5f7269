/**
 * The event of a dead letter as it is stored.
 *
 * Whoever may write to Redis may write there, too: what is read is checked before it is used.
 *
 * @module
 */

import {
  type EventPayload,
  EventPayloadSchema,
} from "../../../contract/isolate/messages/events.ts";
import { decodeWire } from "../../../contract/isolate/wire.ts";
import { weighWire } from "../../../contract/isolate/wire_weight.ts";

/** A payload of one event. */
const Payload = EventPayloadSchema.refine(isSingle);
/** Memory that a payload may ask for besides its bytes. */
const MAX_WEIGHT = 64 * 1024;

/** Null where it is no event. */
export function parsePayload(encoded: Uint8Array | undefined): EventPayload | null {
  if (encoded === undefined) return null;
  try {
    const maxWeight = encoded.byteLength + MAX_WEIGHT;
    return weighWire(encoded, maxWeight) >= maxWeight ? null : Payload.parse(decodeWire(encoded));
  } catch {
    // It says enough that it is none.
    return null;
  }
}

function isSingle(payload: EventPayload): boolean {
  switch (payload.kind) {
    case "stream":
      return payload.count === 1;
    case "keys":
      return payload.keys.length === 1 && payload.events.length === 1;
    default:
      return true;
  }
}
