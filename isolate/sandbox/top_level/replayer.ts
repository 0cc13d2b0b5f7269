/**
 * Gives a script's top level what it read on the shard that it was sent to.
 *
 * Events are given in the order in which they happened: an answer comes once everything before it
 * was read, so that code that runs at the same time takes the same turns. Where the top level does
 * not do what the recording says, it is told, and the script cannot run here.
 *
 * @module
 */

import { GearsError } from "../../../sdk/base/gears_error.ts";
import { RedisError } from "../base/redis_error.ts";
import type { BodyCall, OutsideEvent, OutsideSource } from "./outside_source.ts";

/** A call of this script that waits for its recorded answer. */
interface Waiter {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Replays what a top level has read. */
export class Replayer implements OutsideSource {
  readonly #events: readonly OutsideEvent[];
  readonly #waiters: Waiter[] = [];
  /** Place of the next event, and of the next value in it. */
  #at = 0;
  #valueAt = 0;
  #isFinished = false;
  #failure: GearsError | undefined;

  constructor(events: readonly OutsideEvent[]) {
    this.#events = events;
  }

  /** Reason why the script cannot run here, if it cannot. */
  get failure(): GearsError | undefined {
    return this.#failure;
  }

  read<T>(what: string, live: () => T): T {
    if (this.#isFinished) return live();
    const event = this.#events[this.#at];
    if (event?.[0] !== "read" || event[1] !== what) throw this.#differs(what);
    const value = event[2][this.#valueAt++] as T;
    if (this.#valueAt === event[2].length) this.#next();
    return value;
  }

  call<T>(what: string): Promise<T> {
    // Nothing of it is done here, and what comes after the run is the initiator's alone.
    if (this.#isFinished) return new Promise<T>(() => {});
    const event = this.#events[this.#at];
    if (event?.[0] !== "call" || event[1] !== what) return Promise.reject(this.#differs(what));
    const answer = new Promise<T>((resolve, reject) =>
      this.#waiters.push({ resolve: resolve as (value: unknown) => void, reject })
    );
    this.#next();
    return answer;
  }

  repeat<T>(what: string, live: () => Promise<T>): Promise<T> {
    // Should it fail now, the module is not loaded.
    live().catch(() => {});
    return this.call<T>(what);
  }

  async callWithBody<T>(what: string, body: BodyCall): Promise<T> {
    const call = this.#waiters.length;
    const answer = this.call<T>(what);
    answer.catch(() => {});
    const queue = { execute() {} };
    for (let attempt = this.#attemptsOf(call); attempt > 0; attempt--) {
      // What it throws is the recorded failure of the call.
      await new Promise<void>((resolve) => resolve(body(queue))).catch(() => {});
    }
    return await answer;
  }

  spoil(): void {}

  /** The top level called `run()`. @throws GearsError where it has not read what it should have */
  end(): void {
    if (this.#failure === undefined && this.#events[this.#at]?.[0] !== "run") this.#differs("run");
    if (this.#failure !== undefined) throw this.#failure;
    this.#isFinished = true;
    this.#next();
  }

  /** Goes to the next event that the script has to ask for; gives the answers before it. */
  #next(): void {
    this.#at++;
    this.#valueAt = 0;
    for (let event = this.#events[this.#at]; event !== undefined; event = this.#events[this.#at]) {
      if (event[0] === "answer") this.#waiters[event[1]].resolve(event[2]);
      else if (event[0] === "failure") this.#waiters[event[1]].reject(toError(event[2], event[3]));
      else return;
      this.#at++;
    }
  }

  /** Number of times that a call's body was called. */
  #attemptsOf(call: number): number {
    for (const event of this.#events) {
      if (event[0] === "answer" && event[1] === call) return event[3];
      if (event[0] === "failure" && event[1] === call) return event[4];
    }
    return 0;
  }

  #differs(what: string): GearsError {
    const event = this.#events[this.#at];
    const expected = event === undefined ? "nothing" : event[0] === "run" ? "run()" : event[1];
    return this.#failure ??= new GearsError(
      "The script's top level does something else on this shard than on the one it was sent to: " +
        `${expected} was next there, ${what} here; let it depend only on what it reads by execute, ` +
        'Date, Math.random and crypto, or run with { mode: "async_local" }',
    );
  }
}

function toError(name: string, message: string): Error {
  return name === "RedisError" ? new RedisError(message) : new GearsError(message);
}
