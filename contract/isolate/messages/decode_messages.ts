/**
 * Decodes and checks what a sandbox sends: it shares a heap with user code, so nothing of it is
 * trusted.
 *
 * @module
 */

import { isReply, isTriggerReplies } from "./calls.ts";
import { MAX_MESSAGES } from "./message_limits.ts";
import { type FromSandbox, FromSandboxSchema } from "./messages.ts";
import { decodeWire } from "../wire.ts";
import { weighWire } from "../wire_weight.ts";

/** Weight that a payload may have besides its bytes: what is larger travels encoded within it. */
const MAX_PAYLOAD_WEIGHT = 8 * 1024 * 1024;

/** The messages of one payload. @throws Error where one of them cannot be */
export function decodeMessages(payload: Uint8Array): readonly FromSandbox[] {
  const maxWeight = payload.byteLength + MAX_PAYLOAD_WEIGHT;
  if (weighWire(payload, maxWeight) >= maxWeight) {
    throw new RangeError("expected a payload of fewer values");
  }
  return validateMessages(decodeWire(payload));
}

/** The messages that a payload was decoded to. @throws TypeError where one of them cannot be */
export function validateMessages(value: unknown): readonly FromSandbox[] {
  if (!Array.isArray(value) || value.length > MAX_MESSAGES) {
    throw new TypeError(`expected an array of at most ${MAX_MESSAGES} messages`);
  }
  const messages: FromSandbox[] = [];
  for (let index = 0; index < value.length; index++) messages.push(validate(value[index]));
  return messages;
}

function validate(message: unknown): FromSandbox {
  if (isReply(message) || isTriggerReplies(message)) return message;
  const parsed = FromSandboxSchema.safeParse(message);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TypeError(`${issue.path.join(".")}: ${issue.message}`);
}
