/**
 * Calls into an isolate that wait for their answer.
 *
 * One timer serves all of them, for deadlines and for callers that leave: a timer and a listener for
 * each would cost more than the call.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";

interface PendingCall<T> {
  /** Tells the caller, if it still waits. */
  readonly resolve: (value: T) => void;
  readonly reject: (error: PinionError) => void;
  /** Says that the caller is gone. */
  readonly signal: AbortSignal | undefined;
  readonly expiresAt: number;
  readonly onExpired: () => void;
}

/** Time between two looks at the oldest calls, in milliseconds. */
const SWEEP_MS = 20;

/** See the module. */
export class PendingCalls<T> {
  /** In the order of their numbers, and so of their deadlines. */
  readonly #calls = new Map<number, PendingCall<T>>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  get size(): number {
    return this.#calls.size;
  }

  has(id: number): boolean {
    return this.#calls.has(id);
  }

  /**
   * A promise of the answer to call `id`. An aborted `signal` rejects it within `SWEEP_MS`; the call
   * itself goes on, and so does its deadline.
   */
  add(id: number, timeoutMs: number, onExpired: () => void, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const expiresAt = performance.now() + timeoutMs;
      this.#calls.set(id, { resolve, reject, signal, expiresAt, onExpired });
      this.#timer ??= setTimeout(() => this.#sweep(), SWEEP_MS);
      if (signal?.aborted) reject(callerGone());
    });
  }

  resolve(id: number, value: T): void {
    this.#take(id)?.resolve(value);
  }

  reject(id: number, error: PinionError): void {
    this.#take(id)?.reject(error);
  }

  rejectAll(error: PinionError): void {
    for (const id of [...this.#calls.keys()]) this.reject(id, error);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #take(id: number): PendingCall<T> | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const call of this.#calls.values()) {
      if (call.expiresAt <= now) call.onExpired();
      else if (call.signal?.aborted) call.reject(callerGone());
    }
    if (this.#calls.size > 0) this.#timer = setTimeout(() => this.#sweep(), SWEEP_MS);
  }
}

function callerGone(): PinionError {
  return new PinionError("EXECUTION_ABORTED", "The caller went away");
}
