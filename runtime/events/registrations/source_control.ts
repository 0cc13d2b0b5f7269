/**
 * Starts, stops and drains the source of one registration. Only the registration calls it, one
 * change after the other.
 *
 * @module
 */

import type { LogBook } from "../../base/log_book.ts";
import type { OpenSource } from "./open_source.ts";

/** State that a source is to reach. */
export type Wanted = "run" | "stop" | "drain";

/** Controls one source, and its successors. */
export class SourceControl {
  readonly #open: () => OpenSource;
  readonly #id: string;
  readonly #logs: LogBook;
  #opened: OpenSource;
  #actual: Wanted = "stop";
  /** Resolves when nothing of it is under way, where it was last asked to stop or to drain. */
  #stopping: Promise<void> = Promise.resolve();
  #isDraining = false;

  /** @param id Of the registration, for the log. */
  constructor(id: string, open: () => OpenSource, logs: LogBook) {
    this.#id = id;
    this.#open = open;
    this.#logs = logs;
    this.#opened = open();
  }

  get source(): OpenSource["source"] {
    return this.#opened.source;
  }

  get runner(): OpenSource["runner"] {
    return this.#opened.runner;
  }

  /** True while it takes nothing new and something is still under way. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Brings the source to a state. @throws as `EventSource.start` */
  async reach(wanted: Wanted): Promise<void> {
    if (wanted === this.#actual) return;
    this.#actual = wanted;
    if (wanted === "run") {
      await this.#stopping;
      await this.source.start();
    } else if (wanted === "drain") {
      this.#isDraining = true;
      this.#stopping = this.quietly("drain", () => this.source.drain())
        .then(() => void (this.#isDraining = false));
    } else this.stop();
  }

  /** Stops it: it takes nothing new, and its work under way ends. */
  stop(): void {
    this.#actual = "stop";
    this.#stopping = this.quietly("stop", () => this.source.stop());
  }

  /** Stops a source that should run and has stopped by itself, so that it can begin anew. */
  stopBlocked(): void {
    if (this.source.hindrance !== null && this.#actual === "run") this.stop();
  }

  /** Closes the source and opens one for another version. */
  async replace(): Promise<void> {
    const old = this.source;
    await this.quietly("stop", () => old.stop());
    await this.#stopping;
    await this.quietly("close", () => old[Symbol.asyncDispose]());
    this.#actual = "stop";
    await this.quietly("open", () => {
      this.#opened = this.#open();
    });
  }

  /** Does what must not keep others from being done: a failure is logged. */
  async quietly(what: string, act: () => void | PromiseLike<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#logs.addFailure(`Cannot ${what} the source of registration ${this.#id}`, error);
    }
  }
}
