/**
 * Runs one plan in the sandbox: reader, pipeline, results.
 *
 * @module
 */

import type { CompiledPlan } from "../../../sdk/compile.ts";
import { GearsError } from "../../../sdk/base/gears_error.ts";
import type { RunResult } from "../../../sdk/host.ts";
import { MAX_PAYLOAD_BYTES } from "../../../contract/isolate/frames.ts";
import type { ClusterPosition, ExecutionFigures } from "../../../contract/isolate/executions.ts";
import { MAX_ERROR_CHARS, MAX_ERRORS } from "../../../contract/isolate/module_limits.ts";
import { decodeWire, encodeWire } from "../../../contract/isolate/wire.ts";
import { describeError } from "../guest/typescript/author_error.ts";
import type { Batch } from "../base/batch.ts";
import { sendToRuntime } from "../base/border.ts";
import { BUILTINS } from "../steps/builtins.ts";
import type { EventRecords } from "../readers/event_records.ts";
import type { Flow } from "../pipeline/flow.ts";
import { Pipeline } from "../pipeline/pipeline.ts";
import { openReader } from "../readers/open_reader.ts";
import { explainUnencodable } from "../shuffle/unencodable.ts";
import { StagedFlow } from "../pipeline/staged_flow.ts";
import type { StepContext } from "../steps/step_runner.ts";

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
  /** This shard's place among those that take part; absent where it runs alone. */
  readonly cluster?: ClusterPosition;
  /** What an EventsReader yields. */
  readonly events?: readonly EventRecords[];
  /** How many registrations' writes led to them. */
  readonly depth?: number;
  /** Resolves when every command that the code has given has its reply. */
  settled(): Promise<void>;
}

/** The end of an execution that other shards take part in. */
interface Completion {
  readonly errors: readonly string[];
}

/** An execution that runs in this sandbox. */
export class SandboxExecution {
  readonly #id: string;
  readonly #compiled: CompiledPlan;
  readonly #place: ExecutionPlace;
  readonly #errors: string[] = [];
  /** What `run()` resolves to; results of a worker shard are the initiator's. */
  readonly #results: unknown[] = [];
  readonly #keepsResults: boolean;
  #resultCount = 0;
  #errorCount = 0;
  #errorChars = 0;
  #unsent: unknown[] = [];
  #recordsRead = 0;
  #expected: number | undefined;
  #readDurationMs = 0;
  #forwardedCommands = 0;
  #lastReport = performance.now();
  #isAborted = false;
  readonly #flow: Flow;
  readonly #context: StepContext;
  readonly #completion = Promise.withResolvers<Completion>();
  /** The same as `#flow`, where other shards take part. */
  readonly stages: StagedFlow | null = null;

  constructor(id: string, compiled: CompiledPlan, place: ExecutionPlace) {
    this.#id = id;
    this.#compiled = compiled;
    this.#place = place;
    const { plan, callbacks } = compiled;
    this.#context = {
      callback: (ref) => ref.source === "author" ? callbacks[ref.index] : BUILTINS[ref.name],
      fail: (error) => this.#fail(error),
      window: plan.window,
    };
    this.#keepsResults = place.cluster?.self === place.cluster?.initiator;
    const emit = (batch: Batch) => this.#emit(batch);
    if (place.cluster === undefined) this.#flow = new Pipeline(plan.steps, this.#context, emit);
    else {
      this.stages = new StagedFlow(id, plan.steps, place.cluster, this.#context, emit);
      this.#flow = this.stages;
    }
  }

  /** Whether it is to end: its code may give no command any more. */
  get isAborted(): boolean {
    return this.#isAborted;
  }

  /** How many registrations' writes led to what it runs for. */
  get depth(): number | undefined {
    return this.#place.depth;
  }

  countForwarded(): void {
    this.#forwardedCommands++;
  }

  /** Ends it as soon as the callbacks that are outstanding have; nothing comes out any more. */
  abort(): void {
    this.#isAborted = true;
    this.#flow.abort();
    this.#completion.resolve({ errors: [] });
  }

  /** Results of another shard came. */
  addRemoteResults(records: Uint8Array): void {
    for (const record of decodeWire(records) as unknown[]) this.#results.push(record);
  }

  /** Every shard is done. */
  complete(completion: Completion): void {
    this.#completion.resolve(completion);
  }

  /** Runs to the end and tells the runtime. Never rejects: what fails is among the errors. */
  async run(): Promise<RunResult<unknown>> {
    const flow = this.#flow;
    flow.begin();
    // Where the reader fails, what it gave so far goes on to the end.
    await this.#read().catch((error) => this.#fail(error));
    try {
      await (this.#isAborted ? flow.settled() : flow.end());
      await this.#place.settled();
    } catch (error) {
      this.#fail(error);
    }
    this.#sendResults();
    const errors = this.#allErrors();
    sendToRuntime({
      type: "done",
      executionId: this.#id,
      figures: this.#figures(),
      errors,
    });
    if (this.#place.cluster === undefined) return { results: this.#results, errors };
    const { errors: others } = await this.#completion.promise;
    return { results: this.#results, errors: [...errors, ...others] };
  }

  async #read(): Promise<void> {
    const flow = this.#flow;
    const reader = openReader(this.#compiled.plan.reader, this.#context, this.#place);
    let waitingSince = performance.now();
    for await (const batch of reader) {
      this.#readDurationMs += performance.now() - waitingSince;
      this.#recordsRead += batch.records.length;
      if (batch.expected !== undefined) this.#expected = batch.expected;
      for (const records of this.#useful(batch.records)) {
        const room = flow.push({ records, keys: null });
        if (room !== undefined) await room;
      }
      if (this.#isAborted || flow.isExhausted) break;
      if (performance.now() - this.#lastReport >= PROGRESS_MS) this.#report();
      waitingSince = performance.now();
    }
  }

  /** The records in parts of which no one is larger than what the pipeline can use. */
  *#useful(records: unknown[]): Generator<unknown[], void, void> {
    const flow = this.#flow;
    if (records.length <= flow.demand) return yield records;
    for (let from = 0; from < records.length && !this.#isAborted && !flow.isExhausted;) {
      const size = flow.demand;
      yield records.slice(from, from + size);
      from += size;
    }
  }

  #emit({ records }: Batch): void {
    if (this.#isAborted) return;
    for (let from = 0; from < records.length; from += RESULT_BATCH) {
      const part = records.slice(from, from + RESULT_BATCH);
      this.#resultCount += part.length;
      for (const record of part) {
        if (this.#keepsResults) this.#results.push(record);
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

  #report(): void {
    this.#lastReport = performance.now();
    sendToRuntime({
      type: "progress",
      executionId: this.#id,
      figures: this.#figures(),
    });
  }

  #figures(): ExecutionFigures {
    return {
      recordsRead: this.#recordsRead,
      ...(this.#expected !== undefined && { expected: this.#expected }),
      readDurationMs: this.#readDurationMs,
      results: this.#resultCount,
      errors: this.#errorCount,
      forwardedCommands: this.#forwardedCommands,
      steps: this.#flow.figures.map((step) => ({ ...step })),
    };
  }
}

/** Records as bytes, or why they cannot be sent. */
function encodeOrExplain(records: readonly unknown[]): Uint8Array | GearsError {
  try {
    return encodeWire(records);
  } catch (error) {
    return explainUnencodable("Cannot send a result", error);
  }
}
