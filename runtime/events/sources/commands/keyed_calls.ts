/**
 * Brings a call to the shard that owns its key, from whichever shard it came to.
 *
 * @module
 */

import { z } from "zod";
import type { Coordinator } from "../../../../coordinator/coordinator.ts";
import type { CallReply } from "./call_reply.ts";
import type { CommandArgs } from "./command_source.ts";
import type { CommandTriggers } from "./command_triggers.ts";

const CALL = "trigger.call";
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const CallBody = z.strictObject({ args: z.array(z.union([z.string(), bytes])).min(1) });
const Reply = z.strictObject({
  results: z.union([bytes, z.array(z.unknown())]),
  errors: z.array(z.string()),
  convertToStr: z.boolean(),
});

/** See the module. */
export class KeyedCalls {
  readonly #coordinator: Coordinator;
  readonly #triggers: CommandTriggers<CallReply>;

  constructor(coordinator: Coordinator, triggers: CommandTriggers<CallReply>) {
    this.#coordinator = coordinator;
    this.#triggers = triggers;
    coordinator.mesh?.handle(CALL, CallBody, (_from, { args }, signal) => {
      coordinator.requireActing();
      return triggers.call(args, signal);
    });
  }

  /**
   * Calls the trigger `args[0]` where the key `args[1]` is.
   *
   * @throws as `CommandTriggers.call`, `SHARD_LOST`
   */
  async call(args: CommandArgs, signal?: AbortSignal): Promise<CallReply> {
    const { mesh, shardId } = this.#coordinator;
    const owner = mesh === null ? shardId : this.#coordinator.ownerOf(args[1]);
    if (mesh === null || owner === shardId) return await this.#triggers.call(args, signal);
    return Reply.parse(await mesh.request(owner, CALL, { args }, signal));
  }
}
