/**
 * All that crosses the border between the runtime and the sandbox, as tagged messages.
 *
 * Each family of messages has a file: a message is added there, and where it is handled. Schemas
 * and types come from the lists at the end of those files. A payload on the sandbox channel is one
 * msgpack array of messages; what comes from the sandbox is untrusted, and `decode_messages.ts`
 * checks it on the runtime's side.
 *
 * The sandbox imports the types alone.
 *
 * @module
 */

import { z } from "zod";
import type { DeepReadonly } from "../../deep_readonly.ts";
import { CALLS_FROM_SANDBOX, CALLS_TO_SANDBOX } from "./calls.ts";
import { CHAIN_FROM_SANDBOX, CHAIN_TO_SANDBOX } from "./chain.ts";
import { EVENTS_FROM_SANDBOX, EVENTS_TO_SANDBOX } from "./events.ts";
import {
  EXECUTIONS_FROM_SANDBOX,
  EXECUTIONS_TO_SANDBOX,
  type PARTS_TO_SANDBOX,
} from "./execution_messages.ts";
import { MODULES_FROM_SANDBOX, MODULES_TO_SANDBOX } from "./modules.ts";
import { SHUFFLE_FROM_SANDBOX, SHUFFLE_TO_SANDBOX } from "./shuffle.ts";

/** From the runtime to the sandbox. */
export const ToSandboxSchema = z.discriminatedUnion("type", [
  ...MODULES_TO_SANDBOX,
  ...CALLS_TO_SANDBOX,
  ...EXECUTIONS_TO_SANDBOX,
  ...SHUFFLE_TO_SANDBOX,
  ...EVENTS_TO_SANDBOX,
  ...CHAIN_TO_SANDBOX,
]);

/** From the sandbox to the runtime. */
export const FromSandboxSchema = z.discriminatedUnion("type", [
  ...MODULES_FROM_SANDBOX,
  ...CALLS_FROM_SANDBOX,
  ...EXECUTIONS_FROM_SANDBOX,
  ...SHUFFLE_FROM_SANDBOX,
  ...EVENTS_FROM_SANDBOX,
  ...CHAIN_FROM_SANDBOX,
]);

/** From the runtime to the sandbox. */
export type ToSandbox = DeepReadonly<z.infer<typeof ToSandboxSchema>>;
/** From the sandbox to the runtime. */
export type FromSandbox = DeepReadonly<z.infer<typeof FromSandboxSchema>>;
/** Messages of other shards that the runtime passes on. */
export type FromShards = DeepReadonly<
  z.infer<(typeof SHUFFLE_TO_SANDBOX | typeof PARTS_TO_SANDBOX)[number]>
>;
