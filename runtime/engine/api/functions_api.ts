/**
 * Use cases of calls: `/invoke`, `/fn`, RG.TRIGGER and RG.TRIGGERONKEY.
 *
 * @module
 */

import type { ExecutionOutcome } from "../../../contract/api/execution_info.ts";
import type {
  CommandArgs,
  FetchReply,
  FetchRequest,
  InvokeOptions,
} from "../../../contract/api/function_call.ts";
import { PinionError } from "../../../errors.ts";
import { type CallReply, openReply } from "../../events/sources/commands/call_reply.ts";
import type { CommandTriggers } from "../../events/sources/commands/command_triggers.ts";
import type { KeyedCalls } from "../../events/sources/commands/keyed_calls.ts";
import type { LibraryCalls } from "../../library/library_calls.ts";
import type { Availability } from "./availability.ts";

/** Parts that calls go to. */
export interface FunctionsApiDeps {
  readonly calls: LibraryCalls;
  readonly triggers: CommandTriggers<CallReply>;
  readonly keyedCalls: KeyedCalls;
  readonly availability: Availability;
  /** Greatest results of a call, encoded. */
  readonly resultBytes: number;
}

/** Invokes exports of libraries and runs registrations on triggers. */
export class FunctionsApi {
  readonly #deps: FunctionsApiDeps;

  constructor(deps: FunctionsApiDeps) {
    this.#deps = deps;
  }

  /**
   * Invokes an export: an async function with the JSON value of `body` (nothing if it is empty), a
   * GearsBuilder as a batch run.
   *
   * @returns the result as JSON text in UTF-8
   * @throws `NO_LIBRARY`, `NO_EXPORT`, `BAD_BODY`, `FUNCTION_FAILED`, `LIMIT_*`, `ISOLATE_DIED`
   */
  // deno-lint-ignore require-await
  async invoke(
    library: string,
    exportName: string,
    body: Uint8Array,
    options?: InvokeOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    this.#deps.availability.requireActing();
    return this.#deps.calls.invoke(library, exportName, body, options);
  }

  /** Hands a request to the module's default `fetch`. @throws as `invoke` */
  // deno-lint-ignore require-await
  async fetch(
    library: string,
    request: FetchRequest,
    options?: InvokeOptions,
  ): Promise<FetchReply> {
    this.#deps.availability.requireActing();
    return this.#deps.calls.fetch(library, request, options);
  }

  /**
   * Runs the registration on a trigger; over all shards where its mode says so.
   *
   * @param args The function gets all of it as one record.
   * @throws `NO_TRIGGER`, `REGISTRATION_STOPPED`, `LIMIT_*`, `ISOLATE_DIED`, the reason why the
   * library does not load; what its callbacks throw is among the errors
   */
  trigger(args: CommandArgs, options?: InvokeOptions): Promise<ExecutionOutcome> {
    const { availability, resultBytes, triggers } = this.#deps;
    availability.requireActing();
    return triggers.call(args, options?.signal).then((reply) => openReply(reply, resultBytes));
  }

  /** Runs it on the shard that owns the key `args[1]`. @throws as `trigger`, `SHARD_LOST` */
  async triggerOnKey(args: CommandArgs, options?: InvokeOptions): Promise<ExecutionOutcome> {
    const { availability, keyedCalls, resultBytes } = this.#deps;
    availability.requireActing();
    requireKey(args);
    return openReply(await keyedCalls.call(args, options?.signal), resultBytes);
  }
}

/** @throws `BAD_ARGUMENT` */
function requireKey(args: readonly unknown[]): void {
  if (args.length >= 2) return;
  throw new PinionError(
    "BAD_ARGUMENT",
    "Cannot trigger on a key: expected a key behind the trigger",
  );
}
