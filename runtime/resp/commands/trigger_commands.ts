/**
 * RG.TRIGGER and RG.TRIGGERONKEY.
 *
 * Source: RedisGears 1.2 (reference 1.3, 2.6). Differs: in a transaction both are refused also where
 * the registration is `sync`, and Lua scripts do not know them, as Redis does not; arguments that are
 * no UTF-8 reach the function as bytes.
 *
 * @module
 */

import { toText } from "./argument_text.ts";
import type { CommandCall } from "./command.ts";
import { formatRecords } from "../replies/format_results.ts";
import type { WriteReply } from "../replies/reply_writer.ts";

/** RG.TRIGGER. */
export function trigger({ engine, rawArgs, signal }: CommandCall): Promise<WriteReply> {
  return engine.trigger(rawArgs.map(toText), { signal }).then(formatRecords);
}

/** RG.TRIGGERONKEY. */
export function triggerOnKey({ engine, rawArgs, signal }: CommandCall): Promise<WriteReply> {
  return engine.triggerOnKey(rawArgs.map(toText), { signal }).then(formatRecords);
}
