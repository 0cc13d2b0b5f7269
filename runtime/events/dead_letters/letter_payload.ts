/**
 * The event of a dead letter as it is stored.
 *
 * Whoever may write to Redis may write there, too: what is read is checked before it is used.
 *
 * @module
 */

import { z } from "zod";
import type { EventPayload } from "../../../contract/isolate/event_messages.ts";
import { decodeWire } from "../../../contract/isolate/wire.ts";
import { weighWire } from "../../../contract/isolate/wire_weight.ts";

const bytes = z.instanceof(Uint8Array);
/** One event. */
const Payload: z.ZodType<EventPayload> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("stream"),
    key: z.string(),
    count: z.literal(1),
    entries: bytes,
  }),
  z.strictObject({
    kind: z.literal("keys"),
    keys: z.array(z.union([z.string(), bytes])).length(1),
    events: z.array(z.string()).length(1),
  }),
  z.strictObject({
    kind: z.literal("command"),
    args: z.array(z.union([z.string(), bytes])).min(1),
  }),
  z.strictObject({ kind: z.literal("time"), time: z.number() }),
]);
/** What a payload may ask for in memory besides its bytes. */
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
