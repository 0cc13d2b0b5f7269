/**
 * Calls into an isolate that wait for their answer.
 *
 * One timer serves all of them, for deadlines and for callers that leave: a timer and a listener
 * for each would cost more than the call.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { SlotTable } from "../../base/slot_table.ts";

interface PendingCall<Answers> {
  readonly kind: keyof Answers;
  /** Tells the caller, if it still waits. */
  readonly resolve: (value: never) => void;
  readonly reject: (error: PinionError) => void;
  /** Says that the caller is gone. */
  readonly signal: AbortSignal | undefined;
  /** Told when the call is over, whether its caller still waits or not. */
  readonly onOver: (() => void) | undefined;
  readonly expiresAt: number;
  id: number;
}

/** Time between two looks at all calls, in milliseconds. */
const SWEEP_MS = 20;

/**
 * Keeps calls until their answers or deadlines come. `Answers` names the kinds of calls, and what
 * each is answered with.
 */
export class PendingCalls<Answers> {
  readonly #calls = new SlotTable<PendingCall<Answers>>();
  readonly #onExpired: (id: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onExpired Called with the number of a call that took longer than it may. */
  constructor(onExpired: (id: number) => void) {
    this.#onExpired = onExpired;
  }

  get size(): number {
    return this.#calls.size;
  }

  /**
   * A promise of the answer to a call that `send` sends under a number of its own. An aborted
   * `signal` rejects it within `SWEEP_MS`; the call itself goes on, and so does its deadline.
   *
   * @param onOver Called once, when the call itself is over.
   */
  start<Kind extends keyof Answers>(
    kind: Kind,
    timeoutMs: number,
    send: (id: number) => void,
    signal?: AbortSignal,
    onOver?: () => void,
  ): Promise<Answers[Kind]> {
    return new Promise<Answers[Kind]>((resolve, reject) => {
      const expiresAt = performance.now() + timeoutMs;
      const call = { kind, resolve, reject, signal, onOver, expiresAt, id: 0 };
      call.id = this.#calls.add(call);
      this.#timer ??= setTimeout(() => this.#sweep(), SWEEP_MS);
      if (signal?.aborted) reject(callerGone());
      send(call.id);
    });
  }

  /** Tells whether a call of this kind waits under this number. */
  has(kind: keyof Answers, id: number): boolean {
    return this.#calls.get(id)?.kind === kind;
  }

  /** Answers a call of this kind; a number of none, or of another kind, is passed over. */
  resolve<Kind extends keyof Answers>(kind: Kind, id: number, value: Answers[Kind]): void {
    if (this.#calls.get(id)?.kind !== kind) return;
    const call = this.#calls.take(id)!;
    call.resolve(value as never);
    call.onOver?.();
  }

  /** Answers a call, of whichever kind it is, with an error. */
  reject(id: number, error: PinionError): void {
    const call = this.#calls.take(id);
    call?.reject(error);
    call?.onOver?.();
  }

  rejectAll(error: PinionError): void {
    for (const { id } of this.#calls) this.reject(id, error);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const { id, expiresAt, signal, reject } of this.#calls) {
      if (expiresAt <= now) this.#onExpired(id);
      else if (signal?.aborted) reject(callerGone());
    }
    if (this.#calls.size > 0) this.#timer = setTimeout(() => this.#sweep(), SWEEP_MS);
  }
}

function callerGone(): PinionError {
  return new PinionError("EXECUTION_ABORTED", "The caller went away");
}
