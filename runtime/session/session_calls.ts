/**
 * The calls into a session that wait for their answer: invocations, requests, and runs of exported
 * builders. They share one sequence of numbers, so that an answer can be for one of them only.
 *
 * @module
 */

import type { PinionError } from "../../errors.ts";
import type { Plan } from "../../contract/plan/plan.ts";
import type { FetchReply } from "../../contract/api/function_call.ts";
import type { Execution } from "../execution/execution.ts";
import type { SessionLimits } from "../../contract/isolate/session_limits.ts";
import type { TriggerRepliesMessage } from "../../contract/isolate/messages/calls.ts";
import { decodeWire, encodeWire } from "../../contract/isolate/wire.ts";
import { weighWire } from "../../contract/isolate/wire_weight.ts";
import { tooLargeReply } from "./base/limit_errors.ts";
import { PendingCalls } from "./base/pending_calls.ts";

/** Answers by kind of call. */
export interface CallAnswers {
  readonly invocation: Uint8Array<ArrayBuffer>;
  readonly fetch: FetchReply;
  readonly batchRun: Execution;
  /** A run that another shard began: the plan that the export gives here. */
  readonly part: RunRequest;
  readonly trigger: TriggerReply;
}

/** The outcome of a command. */
export interface TriggerReply {
  /** The records that came out: one msgpack array, or what was in one. */
  readonly results: Uint8Array | readonly unknown[];
  readonly errors: readonly string[];
}

/** A run that the sandbox asks for. */
export interface RunRequest {
  /** Its number in the sandbox. */
  readonly run: number;
  readonly plan: Plan;
}

/** Memory that the results of several commands may take together. */
const MAX_GATHERED_WEIGHT = 8 * 1024 * 1024;
const NO_ERRORS: readonly string[] = [];

/** Sends calls into a session and matches their answers. */
export class SessionCalls {
  readonly #limits: SessionLimits;
  readonly #calls: PendingCalls<CallAnswers>;

  /** @param onExpired Called with the number of a call that took longer than it may. */
  constructor(limits: SessionLimits, onExpired: (id: number) => void) {
    this.#limits = limits;
    this.#calls = new PendingCalls(onExpired);
  }

  /** Number of those that are under way. */
  get size(): number {
    return this.#calls.size;
  }

  /**
   * Begins a call: `send` says its number to the sandbox, and `onOver` is called when nothing of it
   * is under way any more, also where its caller has left before.
   */
  start<Kind extends keyof CallAnswers>(
    kind: Kind,
    send: (id: number) => void,
    signal?: AbortSignal,
    onOver?: () => void,
  ): Promise<CallAnswers[Kind]> {
    return this.#calls.start(kind, this.#limits.invocationTimeoutMs, send, signal, onOver);
  }

  /** An invocation's reply; it fails where that is larger than results may be. */
  reply(id: number, body: Uint8Array<ArrayBuffer>): void {
    if (!this.#isTooLarge(id, body)) this.#calls.resolve("invocation", id, body);
  }

  /** The reply to a request, likewise. */
  replyToFetch(id: number, reply: FetchReply): void {
    if (!this.#isTooLarge(id, reply.body)) this.#calls.resolve("fetch", id, reply);
  }

  /** The reply to a command, likewise. */
  replyToTrigger(id: number, results: Uint8Array, errors: readonly string[]): void {
    if (!this.#isTooLarge(id, results)) this.#calls.resolve("trigger", id, { results, errors });
  }

  /** The replies to several commands. @throws TypeError, RangeError where they cannot be */
  replyToTriggers({ ids, results }: Omit<TriggerRepliesMessage, "type">): void {
    const lists = openGathered(results, ids.length);
    const mayBeLarge = results.byteLength > this.#limits.resultBytes;
    for (const [index, list] of lists.entries()) {
      if (mayBeLarge) this.replyToTrigger(ids[index], encodeWire(list), NO_ERRORS);
      else this.#calls.resolve("trigger", ids[index], { results: list, errors: NO_ERRORS });
    }
  }

  /** The execution that an exported builder started. */
  startedRun(id: number, execution: Execution): void {
    this.#calls.resolve("batchRun", id, execution);
  }

  /** Tells whether a call is for a part of a run that another shard began. */
  isPart(id: number): boolean {
    return this.#calls.has("part", id);
  }

  /** The plan that an export gives for it. */
  preparedPart(id: number, request: RunRequest): void {
    this.#calls.resolve("part", id, request);
  }

  /** Answers a call, of whichever kind it is, with an error. */
  fail(id: number, error: PinionError): void {
    this.#calls.reject(id, error);
  }

  failAll(error: PinionError): void {
    this.#calls.rejectAll(error);
  }

  #isTooLarge(id: number, body: Uint8Array | null): boolean {
    const { resultBytes } = this.#limits;
    if (body === null || body.byteLength <= resultBytes) return false;
    this.fail(id, tooLargeReply(body.byteLength, resultBytes));
    return true;
  }
}

/** An array of results for each of `count` commands. @throws TypeError, RangeError */
function openGathered(bytes: Uint8Array, count: number): readonly (readonly unknown[])[] {
  if (weighWire(bytes, MAX_GATHERED_WEIGHT) >= MAX_GATHERED_WEIGHT) {
    throw new RangeError("expected results of fewer values");
  }
  const lists = decodeWire(bytes);
  if (Array.isArray(lists) && lists.length === count && lists.every(Array.isArray)) return lists;
  throw new TypeError("expected an array of results for each command");
}
