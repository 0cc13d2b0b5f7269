/**
 * Runs a registration on commands: RG.TRIGGER, RG.TRIGGERONKEY and `POST /v1/triggers/{trigger}`.
 *
 * A call runs at once, up to the registration's concurrency; further ones wait in the order of their
 * arrival. One at a time is what `inorder` and mode `sync` mean. A caller that leaves is not waited
 * for, but what has begun goes on, and holds its place until it is over.
 *
 * @module
 */

import { PinionError } from "../../../../errors.ts";
import type { RegistrationPlan } from "../../../../contract/plan/registration.ts";
import type { EventSource } from "../../source/event_source.ts";

/** A command, with its trigger's name first. */
export type CommandArgs = readonly (string | Uint8Array)[];

/** How a call is run. */
export interface CallWays<Reply> {
  /**
   * @param onOver Called once nothing of the call is under way any more, also after a throw.
   * @throws why it came to nothing
   */
  run(args: CommandArgs, signal: AbortSignal | undefined, onOver: () => void): Promise<Reply>;
}

interface WaitingCall {
  readonly begin: () => void;
  readonly reject: (error: PinionError) => void;
}

/** Calls that may wait for their turn. */
export const MAX_WAITING = 10_000;

/** See the module. */
export class CommandSource<Reply> implements EventSource {
  /** Whoever calls sees what fails. */
  readonly hindrance = null;
  readonly description = "RG.TRIGGER, RG.TRIGGERONKEY, HTTP: the caller sees the outcome";
  readonly trigger: string;
  readonly #ways: CallWays<Reply>;
  readonly #concurrency: number;
  #isOpen = false;
  #active = 0;
  readonly #waiting = new Set<WaitingCall>();
  #onIdle: (() => void)[] = [];
  /** Called when the registration is gone. */
  onForget: () => void = () => {};

  constructor(plan: RegistrationPlan, trigger: string, isInOrder: boolean, ways: CallWays<Reply>) {
    this.trigger = trigger;
    this.#ways = ways;
    this.#concurrency = isInOrder || plan.mode === "sync" ? 1 : plan.flow.concurrency;
  }

  /** Calls that wait for their turn. */
  get backlog(): number {
    return this.#waiting.size;
  }

  /** Runs a call. @throws why it came to nothing */
  call(args: CommandArgs, signal?: AbortSignal): Promise<Reply> {
    if (!this.#isOpen) return Promise.reject(isClosed(this.trigger));
    if (this.#active < this.#concurrency) return this.#begin(args, signal);
    if (this.#waiting.size >= MAX_WAITING) return Promise.reject(isFull(this.trigger));
    return this.#wait(args, signal);
  }

  start(): void {
    this.#isOpen = true;
  }

  async drain(): Promise<void> {
    this.#isOpen = false;
    while (this.#active > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  async stop(): Promise<void> {
    this.#isOpen = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(isClosed(this.trigger));
    await this.drain();
  }

  /** It leaves nothing in Redis. */
  forget(): Promise<void> {
    this.onForget();
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.onForget();
  }

  #begin(args: CommandArgs, signal: AbortSignal | undefined): Promise<Reply> {
    this.#active++;
    return this.#ways.run(args, signal, this.#leave);
  }

  async #wait(args: CommandArgs, signal: AbortSignal | undefined): Promise<Reply> {
    const turn = Promise.withResolvers<void>();
    const call = { begin: turn.resolve, reject: turn.reject };
    const leave = () => {
      this.#waiting.delete(call);
      turn.reject(new PinionError("EXECUTION_ABORTED", "The caller went away"));
    };
    this.#waiting.add(call);
    signal?.addEventListener("abort", leave);
    if (signal?.aborted) leave();
    try {
      // Its place is kept by the call that gave it the turn.
      await turn.promise;
    } finally {
      signal?.removeEventListener("abort", leave);
    }
    return await this.#ways.run(args, signal, this.#leave);
  }

  /** A call is over: the next one takes its place. */
  readonly #leave = (): void => {
    const [next] = this.#waiting;
    if (next !== undefined) {
      this.#waiting.delete(next);
      return next.begin();
    }
    if (--this.#active > 0) return;
    for (const resume of this.#onIdle.splice(0)) resume();
  };
}

function isClosed(trigger: string): PinionError {
  return new PinionError(
    "REGISTRATION_STOPPED",
    `Trigger ${JSON.stringify(trigger)} takes no calls now: its registration is paused, or ends`,
  );
}

function isFull(trigger: string): PinionError {
  return new PinionError(
    "LIMIT_CLIENTS",
    `Cannot run trigger ${JSON.stringify(trigger)}: ${MAX_WAITING} calls wait for their turn ` +
      "already; try again later",
  );
}
