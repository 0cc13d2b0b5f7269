/**
 * Keeps a few isolates started, so that a new script does not wait for a process.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { Isolate, type IsolateOptions } from "./isolate.ts";

/** How many isolates there may be. */
export interface PoolOptions {
  /** Started in advance. Default 1. */
  readonly prestarted: number;
  /** Running and prestarted together. Default 64. */
  readonly maxIsolates: number;
}

/** See {@linkcode PoolOptions}. */
export const DEFAULT_POOL: PoolOptions = { prestarted: 1, maxIsolates: 64 };

/** See the module. */
export class IsolatePool implements AsyncDisposable {
  readonly #isolateOptions: IsolateOptions;
  readonly #options: PoolOptions;
  readonly #idle: Isolate[] = [];
  readonly #all = new Set<Isolate>();
  readonly #starting = new Set<Promise<unknown>>();
  readonly #onError: (error: unknown) => void;
  #isClosed = false;

  constructor(
    isolateOptions: IsolateOptions,
    options: PoolOptions,
    onError: (error: unknown) => void,
  ) {
    this.#isolateOptions = isolateOptions;
    this.#options = options;
    this.#onError = onError;
  }

  /** How many isolates run, prestarted ones included. */
  get size(): number {
    return this.#all.size;
  }

  /** Starts isolates in advance, as many as are wanted. */
  fill(): void {
    const missing = this.#options.prestarted - this.#idle.length - this.#starting.size;
    for (let count = 0; count < missing && this.#hasRoom(); count++) {
      const starting = this.#start().then((isolate) => {
        if (isolate.isAlive) this.#idle.push(isolate);
      }).catch((error) => {
        if (!this.#isClosed) this.#onError(error);
      }).finally(() => this.#starting.delete(starting));
      this.#starting.add(starting);
    }
  }

  /**
   * A fresh isolate: a prestarted one if there is one and it needs no rights beyond theirs.
   *
   * @param allowNet `HOST:PORT` that the sandbox may connect to.
   * @throws `LIMIT_ISOLATES`, `ISOLATE_DIED`
   */
  async take(allowNet: readonly string[] = []): Promise<Isolate> {
    if (this.#isClosed) throw new PinionError("SHUTTING_DOWN", "The runtime is shutting down");
    while (allowNet.length === 0 && this.#idle.length > 0) {
      const isolate = this.#idle.shift()!;
      if (!isolate.isAlive) continue;
      this.fill();
      return isolate;
    }
    if (!this.#hasRoom()) {
      throw new PinionError(
        "LIMIT_ISOLATES",
        `Cannot start an isolate: ${this.#options.maxIsolates} run already (maxIsolates); try again later`,
      );
    }
    const isolate = await this.#start(allowNet);
    this.fill();
    return isolate;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#starting);
    const reason = new PinionError("SHUTTING_DOWN", "The runtime is shutting down");
    await Promise.all(Array.from(this.#all, (isolate) => isolate.kill(reason)));
  }

  #hasRoom(): boolean {
    return !this.#isClosed && this.#all.size + this.#starting.size < this.#options.maxIsolates;
  }

  async #start(allowNet: readonly string[] = []): Promise<Isolate> {
    const isolate = await Isolate.start({ ...this.#isolateOptions, allowNet });
    this.#all.add(isolate);
    isolate.ended.then(() => {
      this.#all.delete(isolate);
      const place = this.#idle.indexOf(isolate);
      if (place >= 0) {
        this.#idle.splice(place, 1);
        this.fill();
      }
    });
    return isolate;
  }
}
