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
import { formatRecords } from "./format_results.ts";
import type { WriteReply } from "./reply_writer.ts";

/** RG.TRIGGER. */
export async function trigger(call: CommandCall): Promise<WriteReply> {
  return formatRecords(await call.engine.trigger(call.rawArgs.map(toText), call));
}

/** RG.TRIGGERONKEY. */
export async function triggerOnKey(call: CommandCall): Promise<WriteReply> {
  return formatRecords(await call.engine.triggerOnKey(call.rawArgs.map(toText), call));
}
