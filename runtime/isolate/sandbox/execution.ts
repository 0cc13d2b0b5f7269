/**
 * Runs one plan in the sandbox: reader, pipeline, results.
 *
 * @module
 */

import type { CompiledPlan } from "../../../sdk/compile.ts";
import { GearsError } from "../../../sdk/gears_error.ts";
import type { RunResult } from "../../../sdk/host.ts";
import { MAX_PAYLOAD_BYTES } from "../frames.ts";
import type { ExecutionFigures } from "../messages.ts";
import { MAX_ERROR_CHARS, MAX_ERRORS } from "../session_bounds.ts";
import { encodeWire } from "../wire.ts";
import { describeError } from "./author_error.ts";
import type { Batch } from "./batch.ts";
import { sendToRuntime } from "./border.ts";
import { BUILTINS } from "./builtins.ts";
import { Pipeline } from "./pipeline.ts";
import { openReader } from "./readers/open_reader.ts";
import type { StepContext } from "./steps/step_runner.ts";

/** Results that travel in one message. */
const RESULT_BATCH = 1_000;
/** Results that encode to more travel in several messages. */
const MESSAGE_BYTES = 8 * 1024 * 1024;
/** Time between two reports, in milliseconds. */
const PROGRESS_MS = 200;

/** What an execution needs of its sandbox. */
export interface ExecutionPlace {
  /** What a ShardsIDReader yields. */
  readonly shardId: string;
  /** Resolves when every command that the code has given has its reply. */
  settled(): Promise<void>;
}

/** An execution that runs in this sandbox. */
export class SandboxExecution {
  readonly #id: string;
  readonly #compiled: CompiledPlan;
  readonly #place: ExecutionPlace;
  readonly #errors: string[] = [];
  readonly #results: unknown[] = [];
  #errorCount = 0;
  #errorChars = 0;
  #unsent: unknown[] = [];
  #recordsRead = 0;
  #expected: number | undefined;
  #readDurationMs = 0;
  #lastReport = performance.now();
  #isAborted = false;

  constructor(id: string, compiled: CompiledPlan, place: ExecutionPlace) {
    this.#id = id;
    this.#compiled = compiled;
    this.#place = place;
  }

  /** Whether it is to end: its code may give no command any more. */
  get isAborted(): boolean {
    return this.#isAborted;
  }

  /** Ends it as soon as the callbacks that are outstanding have; nothing comes out any more. */
  abort(): void {
    this.#isAborted = true;
  }

  /** Runs to the end and tells the runtime. Never rejects: what fails is among the errors. */
  async run(): Promise<RunResult<unknown>> {
    const { plan, callbacks } = this.#compiled;
    const context: StepContext = {
      callback: (ref) => ref.source === "author" ? callbacks[ref.index] : BUILTINS[ref.name],
      fail: (error) => this.#fail(error),
      window: plan.window,
    };
    const pipeline = new Pipeline(plan.steps, context, (batch) => this.#emit(batch));
    // Where the reader fails, what it gave so far goes on to the end.
    await this.#read(pipeline, context).catch((error) => this.#fail(error));
    try {
      await (this.#isAborted ? pipeline.settled() : pipeline.end());
      await this.#place.settled();
    } catch (error) {
      this.#fail(error);
    }
    this.#sendResults();
    const errors = this.#allErrors();
    sendToRuntime({
      type: "done",
      executionId: this.#id,
      figures: this.#figures(pipeline),
      errors,
    });
    return { results: this.#results, errors };
  }

  async #read(pipeline: Pipeline, context: StepContext): Promise<void> {
    const reader = openReader(this.#compiled.plan.reader, context, this.#place.shardId);
    let waitingSince = performance.now();
    for await (const batch of reader) {
      this.#readDurationMs += performance.now() - waitingSince;
      this.#recordsRead += batch.records.length;
      if (batch.expected !== undefined) this.#expected = batch.expected;
      for (const records of this.#useful(batch.records, pipeline)) {
        const room = pipeline.push({ records, keys: null });
        if (room !== undefined) await room;
      }
      if (this.#isAborted || pipeline.isExhausted) break;
      if (performance.now() - this.#lastReport >= PROGRESS_MS) this.#report(pipeline);
      waitingSince = performance.now();
    }
  }

  /** The records in parts of which no one is larger than what the pipeline can use. */
  *#useful(records: unknown[], pipeline: Pipeline): Generator<unknown[], void, void> {
    if (records.length <= pipeline.demand) return yield records;
    for (let from = 0; from < records.length && !this.#isAborted && !pipeline.isExhausted;) {
      const size = pipeline.demand;
      yield records.slice(from, from + size);
      from += size;
    }
  }

  #emit({ records }: Batch): void {
    if (this.#isAborted) return;
    for (let from = 0; from < records.length; from += RESULT_BATCH) {
      const part = records.slice(from, from + RESULT_BATCH);
      for (const record of part) {
        this.#results.push(record);
        this.#unsent.push(record);
      }
      if (this.#unsent.length >= RESULT_BATCH) this.#sendResults();
    }
  }

  #sendResults(): void {
    if (this.#unsent.length === 0) return;
    const records = this.#unsent;
    this.#unsent = [];
    this.#send(records);
  }

  /** Sends records in messages of a bounded size; what cannot be sent becomes an error. */
  #send(records: readonly unknown[]): void {
    const bytes = encodeOrExplain(records);
    if (bytes instanceof Uint8Array && bytes.byteLength <= MESSAGE_BYTES) {
      return sendToRuntime({ type: "results", executionId: this.#id, records: bytes });
    }
    if (records.length > 1) {
      const middle = records.length >> 1;
      this.#send(records.slice(0, middle));
      return this.#send(records.slice(middle));
    }
    if (bytes instanceof GearsError) return this.#fail(bytes);
    if (bytes.byteLength > MAX_PAYLOAD_BYTES - MESSAGE_BYTES) {
      return this.#fail(new GearsError(`Cannot send a result: it has ${bytes.byteLength} bytes`));
    }
    sendToRuntime({ type: "results", executionId: this.#id, records: bytes });
  }

  #fail(error: unknown): void {
    if (this.#isAborted) return;
    this.#errorCount++;
    if (this.#errors.length >= MAX_ERRORS || this.#errorChars >= MAX_ERROR_CHARS) return;
    const text = describeError(error);
    this.#errorChars += text.length;
    this.#errors.push(text);
  }

  #allErrors(): string[] {
    const unseen = this.#errorCount - this.#errors.length;
    return unseen === 0 ? this.#errors : [...this.#errors, `… and ${unseen} more errors`];
  }

  #report(pipeline: Pipeline): void {
    this.#lastReport = performance.now();
    sendToRuntime({
      type: "progress",
      executionId: this.#id,
      figures: this.#figures(pipeline),
    });
  }

  #figures(pipeline: Pipeline): ExecutionFigures {
    return {
      recordsRead: this.#recordsRead,
      ...(this.#expected !== undefined && { expected: this.#expected }),
      readDurationMs: this.#readDurationMs,
      results: this.#results.length,
      errors: this.#errorCount,
      steps: pipeline.figures.map((step) => ({ ...step })),
    };
  }
}

/** Records as bytes, or why they cannot be sent. */
function encodeOrExplain(records: readonly unknown[]): Uint8Array | GearsError {
  try {
    return encodeWire(records);
  } catch (error) {
    const cause = error instanceof RangeError
      ? "it contains itself, nests too deep or is too large"
      : (error as Error).message;
    return new GearsError(`Cannot send a result: ${cause}`);
  }
}
