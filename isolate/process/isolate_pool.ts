/**
 * Keeps a few isolates started, so that a new script does not wait for a process.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { Semaphore } from "../../contract/async/semaphore.ts";
import type { PoolOptions } from "../../contract/isolate/pool_options.ts";
import { Isolate, type IsolateOptions } from "./isolate.ts";

/** A taken isolate is replaced so much later: its code would share the processor with the start. */
const REFILL_DELAY_MS = 50;
/** One that is taken for a script is replaced when the script is over, or so much later. */
const LONGEST_SCRIPT_MS = 3_000;

/** Starts at a time: each takes a processor for some 60 ms, and one is for everybody else. */
const STARTS_AT_A_TIME = Math.max(1, navigator.hardwareConcurrency - 1);

/** Starts isolates in advance and hands them out. */
export class IsolatePool implements AsyncDisposable {
  readonly #isolateOptions: IsolateOptions;
  readonly #options: PoolOptions;
  readonly #idle: Isolate[] = [];
  readonly #all = new Set<Isolate>();
  readonly #starts = new Semaphore(STARTS_AT_A_TIME);
  readonly #starting = new Set<Promise<Isolate>>();
  /** Those of them that are to be idle. */
  readonly #prestarting = new Set<Promise<void>>();
  readonly #onError: (error: unknown) => void;
  #refill: ReturnType<typeof setTimeout> | undefined;
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

  /** Number of isolates that run, prestarted ones included. */
  get size(): number {
    return this.#all.size;
  }

  /** Starts isolates in advance, as many as are wanted. */
  fill(): void {
    const missing = this.#options.prestarted - this.#idle.length - this.#prestarting.size;
    for (let count = 0; count < missing && this.#hasRoom(); count++) {
      const prestarting = this.#prestart()
        .catch((error) => {
          if (!this.#isClosed) this.#onError(error);
        })
        .finally(() => this.#prestarting.delete(prestarting));
      this.#prestarting.add(prestarting);
    }
  }

  /**
   * A fresh isolate: a prestarted one if there is one and it needs no rights beyond theirs.
   *
   * @param allowNet `HOST:PORT` that the sandbox may connect to.
   * @param isForScript Whether it is killed soon.
   * @throws `LIMIT_ISOLATES`, `ISOLATE_DIED`, `SHUTTING_DOWN`
   */
  async take(allowNet: readonly string[] = [], isForScript = false): Promise<Isolate> {
    let isolate = allowNet.length === 0 ? this.#takeIdle() : undefined;
    while (isolate === undefined && !this.#hasRoom()) {
      await this.#makeRoom();
      isolate = allowNet.length === 0 ? this.#takeIdle() : undefined;
    }
    isolate ??= await this.#start(allowNet);
    if (isForScript) this.#refillAfter(isolate);
    else this.#refillSoon();
    return isolate;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#refill);
    await Promise.allSettled(this.#starting);
    await Promise.all(Array.from(this.#all, (isolate) => isolate.kill(shuttingDown())));
  }

  #refillSoon(): void {
    if (this.#isClosed) return;
    this.#refill ??= setTimeout(() => {
      this.#refill = undefined;
      this.fill();
    }, REFILL_DELAY_MS);
  }

  #refillAfter(isolate: Isolate): void {
    const timer = setTimeout(() => this.#refillSoon(), LONGEST_SCRIPT_MS);
    isolate.ended.then(() => {
      clearTimeout(timer);
      this.#refillSoon();
    });
  }

  #takeIdle(): Isolate | undefined {
    const places = this.#isolateOptions.redisServers?.() ?? [];
    while (this.#idle.length > 0) {
      const isolate = this.#idle.shift()!;
      if (!isolate.isAlive) continue;
      if (isolate.reaches(places)) return isolate;
      // It was started when the cluster had other servers.
      void isolate.kill(new PinionError("LIMIT_ISOLATES", "The cluster has other servers now"));
    }
  }

  #hasRoom(): boolean {
    return this.#isClosed || this.#all.size + this.#starting.size < this.#options.maxIsolates;
  }

  /** Waits for a prestarted isolate or one that ends, or gives up one that has too few rights. */
  async #makeRoom(): Promise<void> {
    if (this.#prestarting.size > 0) return await Promise.race(this.#prestarting);
    const ending = [...this.#all].filter(({ isAlive }) => !isAlive);
    if (ending.length > 0) return void await Promise.race(ending.map(({ ended }) => ended));
    const idle = this.#takeIdle();
    if (idle !== undefined) {
      return await idle.kill(new PinionError("LIMIT_ISOLATES", "Another one was needed"));
    }
    throw new PinionError(
      "LIMIT_ISOLATES",
      `Cannot start an isolate: ${this.#options.maxIsolates} run already (maxIsolates); try again later`,
    );
  }

  async #prestart(): Promise<void> {
    const isolate = await this.#start([]);
    await isolate.warmUp();
    if (isolate.isAlive) this.#idle.push(isolate);
  }

  /** Starts one; it counts from now on. */
  async #start(allowNet: readonly string[]): Promise<Isolate> {
    if (this.#isClosed) throw shuttingDown();
    const starting = this.#startOne(allowNet);
    this.#starting.add(starting);
    try {
      return await starting;
    } finally {
      this.#starting.delete(starting);
    }
  }

  async #startOne(allowNet: readonly string[]): Promise<Isolate> {
    const isolate = await this.#starts.run(async () => {
      if (this.#isClosed) throw shuttingDown();
      return await Isolate.start({ ...this.#isolateOptions, allowNet });
    });
    if (this.#isClosed) {
      await isolate.kill(shuttingDown());
      throw shuttingDown();
    }
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

function shuttingDown(): PinionError {
  return new PinionError("SHUTTING_DOWN", "The runtime is shutting down");
}
