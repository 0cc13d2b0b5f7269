/**
 * The loop that brings what a reader gives into the steps, and the figures of it.
 *
 * @module
 */

import type { Flow } from "../pipeline/flow.ts";
import type { OpenReader } from "../readers/reader.ts";

/** Time between two reports, in milliseconds. */
const PROGRESS_MS = 200;

/** The execution that reads. */
export interface ReadLoopDeps {
  readonly flow: Flow;
  /** Opens the reader; called once. */
  open(): OpenReader;
  isAborted(): boolean;
  /** Called from time to time. */
  report(): void;
}

/** Reads into a flow. */
export class ReadLoop {
  readonly #deps: ReadLoopDeps;
  #recordsRead = 0;
  #expected: number | undefined;
  #readDurationMs = 0;
  #lastReport = performance.now();

  constructor(deps: ReadLoopDeps) {
    this.#deps = deps;
  }

  /** Figures so far. */
  get figures(): { recordsRead: number; readDurationMs: number; expected?: number } {
    return {
      recordsRead: this.#recordsRead,
      ...(this.#expected !== undefined && { expected: this.#expected }),
      readDurationMs: this.#readDurationMs,
    };
  }

  /** Reads to the end, or as long as the flow has use for it. */
  async run(): Promise<void> {
    const { flow, isAborted } = this.#deps;
    let waitingSince = performance.now();
    for await (const batch of this.#deps.open()) {
      this.#readDurationMs += performance.now() - waitingSince;
      this.#recordsRead += batch.records.length;
      if (batch.expected !== undefined) this.#expected = batch.expected;
      for (const records of this.#splitUseful(batch.records)) {
        const room = flow.push({ records, keys: null });
        if (room !== undefined) await room;
      }
      if (isAborted() || flow.isExhausted) break;
      if (performance.now() - this.#lastReport >= PROGRESS_MS) this.#report();
      waitingSince = performance.now();
    }
  }

  /** The records in parts of which no one is larger than what the flow can use. */
  *#splitUseful(records: unknown[]): Generator<unknown[], void, void> {
    const { flow, isAborted } = this.#deps;
    if (records.length <= flow.demand) return yield records;
    for (let from = 0; from < records.length && !isAborted() && !flow.isExhausted;) {
      const size = flow.demand;
      yield records.slice(from, from + size);
      from += size;
    }
  }

  #report(): void {
    this.#lastReport = performance.now();
    this.#deps.report();
  }
}
