/**
 * Writes down what a script's top level reads from outside until it calls `run()`.
 *
 * @module
 */

import { MAX_RECORDING_BYTES } from "../../../contract/isolate/messages/message_limits.ts";
import type { BodyCall, OutsideEvent, OutsideSource } from "./outside_source.ts";

/** Bytes that an event or a value counts besides its text and bytes. */
const VALUE_BYTES = 16;

const clone = structuredClone;

/** Records what a top level reads. */
export class Recorder implements OutsideSource {
  readonly #events: OutsideEvent[] = [];
  readonly #unanswered = new Map<number, Promise<unknown>>();
  #calls = 0;
  #bytes = 0;
  #isFinished = false;
  #refusal: string | undefined;

  /** Reason why the top level cannot be given again on other shards, if it cannot. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  read<T>(what: string, live: () => T): T {
    const value = live();
    if (this.#isFinished) return value;
    const last = this.#events.at(-1);
    const kept = copyValue(value);
    if (last?.[0] === "read" && last[1] === what) last[2].push(kept);
    else this.#add(["read", what, [kept]]);
    this.#count(kept);
    return value;
  }

  call<T>(what: string, live: () => Promise<T>): Promise<T> {
    return this.#record(what, live);
  }

  repeat<T>(what: string, live: () => Promise<T>): Promise<T> {
    return this.#record(what, live);
  }

  callWithBody<T>(
    what: string,
    body: BodyCall,
    live: (body: BodyCall) => Promise<T>,
  ): Promise<T> {
    const attempts = { count: 0 };
    const counted: BodyCall = (argument) => {
      attempts.count++;
      return body(argument);
    };
    return this.#record(what, () => live(counted), attempts);
  }

  spoil(what: string): void {
    if (!this.#isFinished) {
      this.#refusal ??= `its top level used ${what}, which gives something else on every shard`;
    }
  }

  /**
   * The top level called `run()`: the recording ends but for the answers to what was asked before.
   * Resolves with the events when they are there; the answer to a call that calls back is not
   * waited for, since what it calls may wait for the run.
   */
  async end(): Promise<readonly OutsideEvent[]> {
    this.#add(["run"]);
    this.#isFinished = true;
    while (this.#unanswered.size > 0) await Promise.allSettled(this.#unanswered.values());
    return this.#events;
  }

  /** @param attempts How often the call has called back, if it does. */
  #record<T>(
    what: string,
    live: () => Promise<T>,
    attempts?: { readonly count: number },
  ): Promise<T> {
    if (this.#isFinished) return live();
    const call = this.#calls++;
    this.#add(["call", what]);
    this.#count(what);
    const answer = live();
    const kept = answer.then((value) => {
      const copy = copyValue(value);
      this.#add(["answer", call, copy, attempts?.count ?? 0]);
      this.#count(copy);
    }, (error) => {
      const { name, message } = error as Error;
      this.#add(["failure", call, `${name}`, `${message}`, attempts?.count ?? 0]);
      this.#count(message);
    }).finally(() => this.#unanswered.delete(call));
    if (attempts === undefined) this.#unanswered.set(call, kept);
    return answer;
  }

  #add(event: OutsideEvent): void {
    if (this.#refusal === undefined) this.#events.push(event);
  }

  #count(value: unknown): void {
    this.#bytes += measureSize(value);
    if (this.#bytes <= MAX_RECORDING_BYTES) return;
    this.#events.length = 0;
    this.#refusal ??=
      `its top level read more than ${MAX_RECORDING_BYTES} bytes from outside, which every shard would need`;
  }
}

/** Copies a value, so that the author cannot change it afterwards. */
function copyValue(value: unknown): unknown {
  return typeof value === "object" && value !== null ? clone(value) : value;
}

function measureSize(value: unknown): number {
  if (typeof value === "string") return VALUE_BYTES + value.length;
  if (value instanceof Uint8Array) return VALUE_BYTES + value.byteLength;
  if (!Array.isArray(value)) return VALUE_BYTES;
  return value.reduce((sum: number, element) => sum + measureSize(element), VALUE_BYTES);
}
