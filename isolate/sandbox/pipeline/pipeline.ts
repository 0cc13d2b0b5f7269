/**
 * Runs the steps of a stage over batch after batch.
 *
 * Batches travel in order. While nothing is async, a batch goes through all steps in one loop
 * without a promise. Once a step answers by a promise, the next batches may enter the steps before
 * it, so that commands of several batches travel together; `push` waits when the window is full.
 *
 * ```text
 *             step 0        step 1 (async)     step 2
 *  batch 2 ──► done ───────► outstanding
 *  batch 1 ──► done ───────► outstanding
 *  batch 0 ──► done ───────► done ────────────► running     a batch enters a step only after
 *                                                           the batch before it has
 * ```
 *
 * @module
 */

import type { Step } from "../../../contract/plan/step.ts";
import type { StepFigures } from "../../../contract/isolate/messages/execution_messages.ts";
import { type Batch, isPromise } from "../base/batch.ts";
import type { EmitBatch, Flow } from "./flow.ts";
import type { FusedRunner, StepContext, StepRunner } from "../steps/step_runner.ts";
import { makeStepRunners } from "../steps/step_table.ts";

interface Figures {
  recordsIn: number;
  recordsOut: number;
  durationMs: number;
}

/** A stage of an execution. */
export class Pipeline implements Flow {
  readonly #runners: readonly (StepRunner | FusedRunner)[];
  readonly #figures: Figures[];
  readonly #window: number;
  readonly #emit: EmitBatch;
  /** Number of batches that have entered each step. */
  readonly #entered: number[];
  readonly #inFlight = new Set<Promise<void>>();
  #waiters: (() => void)[] = [];
  #recordsInFlight = 0;
  #batches = 0;

  constructor(steps: readonly Step[], context: StepContext, emit: EmitBatch) {
    this.#runners = makeStepRunners(steps, context);
    this.#figures = this.#runners.map(() => ({ recordsIn: 0, recordsOut: 0, durationMs: 0 }));
    this.#entered = new Array(this.#runners.length + 1).fill(0);
    this.#window = context.window;
    this.#emit = emit;
  }

  /** Figures of each step so far. */
  get figures(): readonly StepFigures[] {
    return this.#runners.flatMap((runner, index) =>
      "figures" in runner ? runner.figures : this.#figures[index]
    );
  }

  /** True once no further record can come out, whatever is pushed. */
  get isExhausted(): boolean {
    return this.#runners.some((runner) => runner.remaining === 0);
  }

  /**
   * Number of records of the next batch that can be of use: no more than what a limit still lets
   * pass, so that the steps before it are not called for nothing.
   */
  get demand(): number {
    let demand = Infinity;
    for (const { flush, remaining } of this.#runners) {
      if (flush !== undefined) break;
      if (remaining !== undefined) demand = Math.min(demand, remaining);
    }
    return Math.max(1, demand);
  }

  /** Takes the next batch; the promise, if any, resolves when there is room for one more. */
  push(batch: Batch): void | Promise<void> {
    if (this.#inFlight.size === 0) {
      const rest = this.#runThrough(batch, 0, this.#batches++);
      if (rest === undefined) return;
      return this.#track(rest, batch.records.length);
    }
    // Something is outstanding: half a window at a time, so that two halves alternate.
    const size = Math.max(1, this.#window >> 1);
    if (batch.records.length <= size) return this.#pushPart(batch);
    return this.#pushParts(batch, size);
  }

  /** Resolves when nothing is outstanding. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  /** Does nothing: a pipeline works when it is pushed to. */
  begin(): void {}

  /** Does nothing: whatever waits here settles by itself. */
  abort(): void {}

  /**
   * Ends the flow: waits for what is outstanding, then lets gathering steps give what they have.
   */
  async end(): Promise<void> {
    await this.settled();
    for (const [index, runner] of this.#runners.entries()) {
      if (runner.flush === undefined) continue;
      const started = performance.now();
      const batch = await runner.flush();
      const figures = this.#figures[index];
      figures.durationMs += performance.now() - started;
      figures.recordsOut += batch.records.length;
      await this.#runThrough(batch, index + 1, this.#entered[index + 1]);
    }
  }

  async #pushParts(batch: Batch, size: number): Promise<void> {
    for (let from = 0; from < batch.records.length; from += size) {
      await this.#pushPart({
        records: batch.records.slice(from, from + size),
        keys: batch.keys?.slice(from, from + size) ?? null,
      });
    }
  }

  #pushPart(batch: Batch): void | Promise<void> {
    const rest = this.#runThrough(batch, 0, this.#batches++);
    if (rest !== undefined) return this.#track(rest, batch.records.length);
  }

  /** Counts a batch as outstanding until it is through; waits while the window is full. */
  #track(rest: Promise<void>, records: number): void | Promise<void> {
    this.#recordsInFlight += records;
    const tracked = rest.finally(() => {
      this.#inFlight.delete(tracked);
      this.#recordsInFlight -= records;
    });
    this.#inFlight.add(tracked);
    if (this.#recordsInFlight >= this.#window) return this.#waitForRoom();
  }

  async #waitForRoom(): Promise<void> {
    while (this.#recordsInFlight >= this.#window) await Promise.race(this.#inFlight);
  }

  /** Runs batch number `sequence` from step `from` on, in one go while no step is async. */
  #runThrough(batch: Batch, from: number, sequence: number): void | Promise<void> {
    let current = batch;
    for (let index = from; index < this.#runners.length; index++) {
      if (this.#entered[index] !== sequence) return this.#wait(current, index, sequence);
      const outcome = this.#runStep(current, index);
      if (isPromise(outcome)) return this.#continue(outcome, index, sequence);
      current = outcome;
    }
    if (this.#entered[this.#runners.length] !== sequence) {
      return this.#wait(current, this.#runners.length, sequence);
    }
    this.#enter(this.#runners.length);
    if (current.records.length > 0) return this.#emit(current);
  }

  async #wait(batch: Batch, index: number, sequence: number): Promise<void> {
    while (this.#entered[index] !== sequence) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
    await this.#runThrough(batch, index, sequence);
  }

  async #continue(outcome: Promise<Batch>, index: number, sequence: number): Promise<void> {
    await this.#runThrough(await outcome, index + 1, sequence);
  }

  #runStep(batch: Batch, index: number): Batch | Promise<Batch> {
    this.#enter(index);
    const figures = this.#figures[index];
    figures.recordsIn += batch.records.length;
    const started = performance.now();
    const outcome = this.#runners[index].run(batch);
    if (!isPromise(outcome)) {
      figures.durationMs += performance.now() - started;
      figures.recordsOut += outcome.records.length;
      return outcome;
    }
    return outcome.then((result) => {
      figures.durationMs += performance.now() - started;
      figures.recordsOut += result.records.length;
      return result;
    });
  }

  #enter(index: number): void {
    this.#entered[index]++;
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resume of waiters) resume();
  }
}
