/**
 * A worker shard's part of a distributed execution.
 *
 * It ends with the initiator's word, with the first thing that goes wrong here, or when the
 * initiator is silent for too long; its isolate is let go in any case.
 *
 * @module
 */

import type { Mesh } from "../../coordinator/mesh/mesh.ts";
import { PinionError } from "../../errors.ts";
import { fingerprintPlan } from "../../contract/plan/fingerprint.ts";
import type {
  ClusterPosition,
  ExecutionFigures,
} from "../../contract/isolate/messages/execution_messages.ts";
import type { Execution } from "./execution.ts";
import type { ExecutionStore } from "./execution_store.ts";
import type { ExecutionPart, PartPort, PreparedPart } from "./part.ts";
import { wasSilent } from "./part_errors.ts";
import { KIND, type PrepareBody } from "./protocol.ts";
import { ResultSender } from "./result_sender.ts";
import { ShuffleLinks } from "./shuffle_links.ts";
import { SilenceWatch, speakEveryMs } from "./silence_watch.ts";

/** Parts of a worker. */
export interface WorkerOptions {
  readonly initiator: string;
  readonly body: PrepareBody;
  readonly mesh: Mesh;
  readonly host: PartPort;
  readonly executions: ExecutionStore;
  /** Resolves when this shard is linked with all others. @throws `SHARD_LOST` */
  readonly untilLinked: (timeoutMs: number, signal: AbortSignal) => Promise<void>;
  /** Greatest results that leave this shard, in bytes. */
  readonly resultBytes: number;
}

/** Runs one worker shard's part of a distributed execution. */
export class WorkerShardPart implements ExecutionPart {
  readonly initiator: string;
  /** Resolves when nothing of it runs any more. */
  readonly released: Promise<void>;
  readonly #options: WorkerOptions;
  readonly #over = Promise.withResolvers<void>();
  readonly #ended = new AbortController();
  readonly #silence: SilenceWatch;
  readonly #sign: ReturnType<typeof setInterval>;
  #prepared: PreparedPart | null = null;
  #execution: Execution | null = null;
  #links: ShuffleLinks | null = null;
  #figures: ExecutionFigures | null = null;
  readonly #results: ResultSender;
  #reason: PinionError | undefined;
  #isOver = false;

  constructor(options: WorkerOptions) {
    const { initiator, body: { idleMs } } = options;
    this.#options = options;
    this.initiator = initiator;
    const fallSilent = () => this.abort(wasSilent(initiator, idleMs));
    this.#silence = new SilenceWatch([initiator], idleMs, fallSilent);
    this.#sign = setInterval(() => void this.#giveSign(), speakEveryMs(idleMs));
    const { body: { executionId }, mesh, resultBytes } = options;
    this.#results = new ResultSender({
      ...{ mesh, initiator, executionId, resultBytes },
      onFailure: (reason) => this.abort(reason),
    });
    this.released = this.#over.promise.then(() => this.#letGo());
  }

  /** Loads the part and compares its plan. @throws why it cannot be run here */
  async prepare(): Promise<void> {
    const { body, host, executions, mesh, initiator, untilLinked } = this.#options;
    const { executionId, shards, windowBytes, idleMs } = body;
    try {
      // One that has just come back may be linked with the initiator and not with this shard.
      await untilLinked(idleMs, this.#ended.signal);
      const prepared = await host.prepare(executionId, body.origin, body.recording);
      this.#prepared = prepared;
      if (this.#isOver) {
        await prepared.release(this.#endReason());
        throw this.#endReason();
      }
      const plan = { ...prepared.plan, mode: "async" as const };
      if (fingerprintPlan(plan) !== body.fingerprint) throw otherPlan();
      const execution = executions.adopt(executionId, plan, prepared.session);
      this.#execution = execution;
      execution.waitFor("pending_run");
      execution.finished.then(() => this.#executionOver(execution));
      this.#links = new ShuffleLinks({
        ...{ executionId, plan, shards, windowBytes, mesh },
        self: shards.indexOf(mesh.shardId),
        initiator: shards.indexOf(initiator),
        onFailure: (reason) => execution.abort(reason),
      });
    } catch (error) {
      this.abort(PinionError.from(error));
      throw error;
    }
  }

  /** Starts it. @throws `NO_EXECUTION` if it is not prepared */
  start(): void {
    const { body, mesh, initiator } = this.#options;
    if (this.#execution?.status !== "pending_run") {
      throw new PinionError("NO_EXECUTION", "The execution is not prepared here");
    }
    const { shards, slots, windowBytes } = body;
    const place: ClusterPosition = {
      ...{ shards: shards.length, slots, windowBytes },
      self: shards.indexOf(mesh.shardId),
      initiator: shards.indexOf(initiator),
    };
    this.#links!.begin(this.#prepared!.start(this.#execution, place, this));
  }

  /** Links between the isolate and the other shards; null before it is prepared. */
  get links(): ShuffleLinks | null {
    return this.#links;
  }

  shuffle(shuffle: number, target: number, records: Uint8Array): void {
    this.#links!.send(shuffle, target, records);
  }

  shuffleEnd(shuffle: number): void {
    this.#links!.end(shuffle);
  }

  took(shuffle: number, source: number, bytes: number): void {
    this.#links!.took(shuffle, source, bytes);
  }

  results(records: Uint8Array): boolean {
    if (!this.#execution!.plan.collect) return false;
    this.#results.send(records);
    return true;
  }

  done(figures: ExecutionFigures, errors: readonly string[]): void {
    const execution = this.#execution!;
    if (execution.status !== "running") return;
    this.#figures = figures;
    execution.partDone("pending_termination", figures, errors);
    void this.#finish(execution, figures, errors);
  }

  /** The isolate says how far it is. */
  report(figures: ExecutionFigures): void {
    this.#figures = figures;
  }

  /** The initiator has everything. */
  terminate(): Promise<void> {
    const execution = this.#execution;
    const isDone = execution?.status === "pending_termination";
    if (isDone) execution.finish(this.#figures!, execution.outcome.errors);
    else this.abort(toOver());
    return this.released;
  }

  /** Ends it before its time. */
  abort(reason: PinionError): void {
    if (this.#execution !== null) this.#execution.abort(reason);
    else this.#end(reason);
  }

  /** A shard is lost: without the initiator there is nothing to do. */
  lost(shardId: string, reason: PinionError): void {
    if (this.#options.body.shards.includes(shardId)) this.abort(reason);
  }

  /** Sends what is left and says that the part is done. */
  async #finish(
    execution: Execution,
    figures: ExecutionFigures,
    errors: readonly string[],
  ): Promise<void> {
    const { body: { executionId } } = this.#options;
    const { collect } = execution.plan;
    try {
      const resultBatches = await this.#results.finish();
      await this.#ask(KIND.finished, {
        ...{ executionId, figures, resultBatches },
        errors: collect ? errors : [],
      });
    } catch (error) {
      execution.abort(PinionError.from(error));
    }
  }

  #executionOver(execution: Execution): void {
    const { abortReason } = execution;
    this.#end(abortReason);
    if (abortReason === undefined) return;
    const { executionId } = this.#options.body;
    // Where the initiator knows already, or is gone, nobody needs to hear it.
    this.#ask(KIND.failed, { executionId, error: abortReason.toData() }).catch(() => {});
  }

  #end(reason: PinionError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    this.#ended.abort(this.#endReason());
    this.#over.resolve();
  }

  async #letGo(): Promise<void> {
    this.#silence[Symbol.dispose]();
    clearInterval(this.#sign);
    this.#links?.close(this.#reason);
    if (this.#reason !== undefined) this.#results.abort(this.#reason);
    await this.#prepared?.release(this.#endReason());
  }

  #endReason(): PinionError {
    return this.#reason ?? toOver();
  }

  /** Says that this shard can still do its part; the answer is the initiator's sign. */
  async #giveSign(): Promise<void> {
    const { body: { executionId }, host, initiator } = this.#options;
    try {
      await host.checkHealth();
      await this.#ask(KIND.report, { executionId, figures: this.#figures });
      this.#silence.heard(initiator);
    } catch (error) {
      this.abort(PinionError.from(error));
    }
  }

  #ask(kind: string, body: unknown): Promise<unknown> {
    const { mesh, initiator, body: { idleMs } } = this.#options;
    return mesh.request(initiator, kind, body, AbortSignal.timeout(2 * idleMs));
  }
}

function toOver(): PinionError {
  return new PinionError("EXECUTION_ABORTED", "The execution is over");
}

function otherPlan(): PinionError {
  return new PinionError(
    "BAD_PLAN",
    "The code builds another pipeline on this shard than on the one it was sent to: let it depend " +
      'only on what it reads by execute, Date, Math.random and crypto, or run with { mode: "async_local" }',
  );
}
