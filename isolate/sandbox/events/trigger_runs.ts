/**
 * Runs registrations on commands: each message is one record `[trigger, arg…]`, and its caller
 * waits.
 *
 * There is no execution to create, to list or to report on: the reply is the only message. It is
 * sent when every command that was given meanwhile has its own, so what a caller sees done is done.
 *
 * @module
 */

import { GearsError } from "../../../sdk/base/gears_error.ts";
import type { TriggerMessage } from "../../../contract/isolate/messages/calls.ts";
import {
  MAX_EVENT_ERROR_CHARS,
  MAX_EVENT_ERRORS,
  MAX_GATHERED_BYTES,
} from "../../../contract/isolate/messages/message_limits.ts";
import { MAX_PAYLOAD_BYTES } from "../../../contract/isolate/frames.ts";
import { encodeWire } from "../../../contract/isolate/wire.ts";
import { sendToRuntime } from "../base/border.ts";
import { runInExecution, type ScopedExecution } from "../base/execution_scope.ts";
import type { EventDeps } from "./event_deps.ts";
import { explainUnencodable } from "../shuffle/unencodable.ts";
import { RegisteredPlan, type RunErrors } from "./registered_plan.ts";

const schedule = queueMicrotask;
/** Greatest results of a call, in bytes. */
const MAX_RESULT_BYTES = MAX_PAYLOAD_BYTES / 2;
const NO_ERRORS: readonly string[] = [];
const NO_RESULTS: readonly unknown[] = [];
/** The scope of calls. Nobody aborts one by itself: what takes too long ends its isolate. */
const SCOPE: ScopedExecution = { isAborted: false, depth: 0, countForwarded() {} };

/** Runs calls of triggers and replies to them. */
export class TriggerRuns {
  readonly #deps: EventDeps;
  /** Plans by index of the registration; made when it is first called. */
  readonly #plans: (RegisteredPlan | undefined)[] = [];
  /** Commands that are finished in this turn of the loop, and what came of each. */
  #ids: number[] = [];
  #results: (readonly unknown[])[] = [];

  constructor(deps: EventDeps) {
    this.#deps = deps;
  }

  /** Runs a command and replies. */
  run({ id, registration, args }: TriggerMessage): void {
    const { commands } = this.#deps;
    const plan = this.#plans[registration] ??= this.#open(registration);
    const results: unknown[] = [];
    const take = (records: readonly unknown[]) => {
      for (const record of records) results.push(record);
    };
    const before = commands.given;
    const errors = runInExecution(SCOPE, () => plan.run([args], take));
    if (errors instanceof Promise) void errors.then((ended) => this.#settle(id, results, ended));
    else if (commands.given !== before) void this.#settle(id, results, errors);
    else this.#reply(id, results, errors);
  }

  async #settle(id: number, results: readonly unknown[], errors: RunErrors): Promise<void> {
    await this.#deps.commands.answered();
    this.#reply(id, results, errors);
  }

  #reply(id: number, results: readonly unknown[], thrown: RunErrors): void {
    if (thrown.length > 0) return this.#replyOne(id, results, thrown);
    this.#results.push(results);
    if (this.#ids.push(id) === 1) schedule(() => this.#flush());
  }

  /** Replies to what is finished, by one message where that is possible. */
  #flush(): void {
    const ids = this.#ids;
    const lists = this.#results;
    this.#ids = [];
    this.#results = [];
    const results = encode(lists);
    if (results instanceof Uint8Array && results.byteLength <= MAX_GATHERED_BYTES) {
      return sendToRuntime({ type: "triggerReplies", ids, results });
    }
    for (const [index, id] of ids.entries()) this.#replyOne(id, lists[index], NO_ERRORS);
  }

  #replyOne(id: number, records: readonly unknown[], thrown: RunErrors): void {
    const results = encode(records);
    if (results instanceof Uint8Array) {
      const errors = thrown.length === 0 ? NO_ERRORS : this.#describe(thrown);
      return sendToRuntime({ type: "triggerReply", id, results, errors });
    }
    const errors = this.#describe([...thrown, results]);
    sendToRuntime({ type: "triggerReply", id, results: encodeWire(NO_RESULTS), errors });
  }

  #describe(thrown: RunErrors): string[] {
    const { errors } = this.#deps.guest;
    return thrown.slice(0, MAX_EVENT_ERRORS)
      .map((error) => errors.describe(error).slice(0, MAX_EVENT_ERROR_CHARS));
  }

  #open(index: number): RegisteredPlan {
    const { registrationAt, guest: { fuse } } = this.#deps;
    return new RegisteredPlan(registrationAt(index), { isCommand: () => false, fuse });
  }
}

/** Results as bytes, or why they cannot be sent. */
function encode(records: readonly unknown[]): Uint8Array | GearsError {
  try {
    const bytes = encodeWire(records);
    if (bytes.byteLength <= MAX_RESULT_BYTES) return bytes;
    return new GearsError(`Cannot send the results: they have ${bytes.byteLength} bytes`);
  } catch (error) {
    return explainUnencodable("Cannot send a result", error);
  }
}
