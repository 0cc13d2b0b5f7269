/**
 * Notices that a client leaves while something is under way for it.
 *
 * What the client sent before is still worked off, so Redis is told only after a while, in case it
 * waits for something that never comes.
 *
 * @module
 */

import type { PassThrough } from "../proxy/command_proxy.ts";
import type { ClientReader } from "./client_reader.ts";

/** Time for which Redis has to answer a client that has left already. */
const LINGER_MS = 1_000;

/** Watches for the end of a client's connection during waits. */
export class DepartureWatch {
  readonly #reader: ClientReader;
  readonly #redis: Pick<PassThrough, "closeWrite">;
  readonly #gone = new AbortController();
  /** Ends the connection to Redis of a client that has left. */
  #lingering: ReturnType<typeof setTimeout> | undefined;

  /** Reads ahead with the reader, as nothing else tells that a client leaves. */
  constructor(reader: ClientReader, redis: Pick<PassThrough, "closeWrite">) {
    this.#reader = reader;
    this.#redis = redis;
  }

  /** Aborted when the client is gone. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Aborts what runs for the client. */
  abort(): void {
    this.#gone.abort();
  }

  /** Waits for the work, and watches meanwhile. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.begin();
    try {
      return await work;
    } finally {
      this.end();
    }
  }

  /** A wait begins. */
  begin(): void {
    this.#reader.watch(this.#leave);
  }

  /** The wait is over. */
  end(): void {
    this.#reader.unwatch();
    if (this.#lingering === undefined) return;
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
  }

  /** The client has left while it waits. */
  readonly #leave = (): void => {
    this.#gone.abort();
    this.#lingering = setTimeout(() => this.#redis.closeWrite(), LINGER_MS);
  };
}
