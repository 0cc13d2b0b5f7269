/**
 * A distributed execution on the shard that was asked for it.
 *
 * It is the one that decides: a worker shard that fails, is lost or falls silent ends the execution
 * everywhere, with an error that names the shard.
 *
 * @module
 */

import type { IncomingChannel, Mesh } from "../../coordinator/mesh/mesh.ts";
import { PinionError } from "../../errors.ts";
import type {
  ClusterPosition,
  ExecutionFigures,
} from "../../contract/isolate/messages/execution_messages.ts";
import type { Execution } from "./execution.ts";
import { windowBytes } from "./execution_limits.ts";
import type { ExecutionOrigin, ExecutionPart, IsolatePort, PartPort } from "./part.ts";
import { failedOn, wasSilent } from "./part_errors.ts";
import { KIND, type PrepareBody } from "./protocol.ts";
import { ShuffleLinks } from "./shuffle_links.ts";
import { SilenceWatch, speakEveryMs } from "./silence_watch.ts";

/** Parts of an initiator. */
export interface InitiatorOptions {
  readonly execution: Execution;
  readonly mesh: Mesh;
  readonly host: PartPort;
  /** Ids of all shards, this one included. */
  readonly shards: readonly string[];
  readonly slots: ClusterPosition["slots"];
  /** ExecutionMaxIdleTime, in milliseconds. */
  readonly idleMs: number;
}

/** State of a worker shard's part. */
interface WorkerShard {
  readonly number: number;
  isPrepared: boolean;
  /** Result messages that came, and how many there are, once that is known. */
  resultBatches: number;
  expectedBatches: number | null;
  errors: readonly string[];
}

/** Leads a distributed execution. */
export class Initiator implements ExecutionPart {
  readonly execution: Execution;
  readonly links: ShuffleLinks;
  readonly place: ClusterPosition;
  readonly #options: InitiatorOptions;
  readonly #workers: ReadonlyMap<string, WorkerShard>;
  readonly #silence: SilenceWatch;
  readonly #ended = new AbortController();
  /** Shards that nothing is heard of: nobody waits for their answer. */
  readonly #silent = new Set<string>();
  #ownSign: ReturnType<typeof setInterval> | undefined;
  #port: IsolatePort | null = null;
  #own: { readonly figures: ExecutionFigures; readonly errors: readonly string[] } | null = null;

  constructor(options: InitiatorOptions) {
    const { execution, mesh, shards, slots, idleMs } = options;
    this.#options = options;
    this.execution = execution;
    const self = shards.indexOf(mesh.shardId);
    this.place = {
      ...{ shards: shards.length, self, initiator: self, slots },
      windowBytes: windowBytes(shards.length),
    };
    const fail = (reason: PinionError) => this.#fail(reason);
    this.links = new ShuffleLinks({
      ...{ ...this.place, executionId: execution.id, plan: execution.plan, shards, mesh },
      onFailure: fail,
    });
    this.#workers = createWorkers(shards, mesh.shardId);
    this.#silence = new SilenceWatch(
      shards,
      idleMs,
      (shardId) => {
        this.#silent.add(shardId);
        fail(wasSilent(shardId, idleMs));
      },
    );
    execution.released = execution.finished.then(() => this.#end());
  }

  /** Loads the other parts. @throws what one of them failed with, and the shard's name */
  async prepare(origin: ExecutionOrigin, recording: Uint8Array | undefined): Promise<void> {
    const { execution, mesh, shards, slots, idleMs } = this.#options;
    const body: PrepareBody = {
      executionId: execution.id,
      origin,
      ...(recording !== undefined && { recording }),
      fingerprint: execution.fingerprint,
      shards: [...shards],
      slots: slots.map(([last, shard]) => [last, shard]),
      windowBytes: this.place.windowBytes,
      idleMs,
    };
    execution.waitFor("pending_receive");
    this.#ownSign = setInterval(() => void this.#giveSign(), speakEveryMs(idleMs));
    await Promise.all(Array.from(this.#workers, async ([shardId, worker]) => {
      try {
        await mesh.request(shardId, KIND.prepare, body, this.#ended.signal);
        worker.isPrepared = true;
        execution.shardsReceived++;
      } catch (error) {
        const reason = execution.abortReason ?? failedOn(shardId, PinionError.from(error));
        this.#fail(reason);
        throw reason;
      }
    }));
    if (execution.abortReason) throw execution.abortReason;
  }

  /** The own isolate has been told to start: now the others are. */
  begin(port: IsolatePort): void {
    this.#port = port;
    this.links.begin(port);
    const { execution, mesh } = this.#options;
    for (const shardId of this.#workers.keys()) {
      mesh.request(shardId, KIND.start, { executionId: execution.id }, this.#ended.signal)
        .catch((error) => this.#fail(failedOn(shardId, PinionError.from(error))));
    }
  }

  shuffle(shuffle: number, target: number, records: Uint8Array): void {
    this.links.send(shuffle, target, records);
  }

  shuffleEnd(shuffle: number): void {
    this.links.end(shuffle);
  }

  took(shuffle: number, source: number, bytes: number): void {
    this.links.took(shuffle, source, bytes);
  }

  results(): boolean {
    return false;
  }

  report(): void {
    // The execution has it from the session.
  }

  done(figures: ExecutionFigures, errors: readonly string[]): void {
    if (this.#own !== null || this.execution.isFinished) return;
    this.#own = { figures, errors };
    this.execution.partDone("pending_cluster", figures, errors);
    this.#completeIfDone();
  }

  /** A worker shard says how far it is. */
  reportOf(shardId: string, figures: ExecutionFigures | null): void {
    this.#silence.heard(shardId);
    if (figures !== null) this.execution.reportOf(shardId, figures);
  }

  /** A worker shard has done its part. */
  finished(
    shardId: string,
    part: {
      readonly figures: ExecutionFigures;
      readonly errors: readonly string[];
      readonly resultBatches: number;
    },
  ): void {
    const worker = this.#workers.get(shardId);
    if (worker === undefined) return;
    this.reportOf(shardId, part.figures);
    worker.errors = part.errors;
    worker.expectedBatches = part.resultBatches;
    this.#completeIfDone();
  }

  /** Takes the results of a worker shard. */
  async takeResults(shardId: string, channel: IncomingChannel): Promise<void> {
    const worker = this.#workers.get(shardId);
    try {
      for await (const records of channel) {
        if (worker === undefined || this.execution.isFinished) return;
        this.#silence.heard(shardId);
        this.#port?.remoteResults(worker.number, records);
        worker.resultBatches++;
      }
      this.#completeIfDone();
    } catch (error) {
      this.#fail(failedOn(shardId, PinionError.from(error)));
    }
  }

  /** A shard is lost, or its part has ended before its time. */
  lost(shardId: string, reason: PinionError): void {
    if (this.#workers.has(shardId)) this.#fail(failedOn(shardId, reason));
  }

  #completeIfDone(): void {
    const workers = [...this.#workers.values()];
    const isDone = (worker: WorkerShard) => worker.expectedBatches === worker.resultBatches;
    this.execution.shardsCompleted = workers.filter(isDone).length;
    if (this.#own === null || this.execution.isFinished || !workers.every(isDone)) return;
    const errors = workers.flatMap((worker) => worker.errors);
    this.#port?.complete(errors);
    this.execution.finish(this.#own.figures, [...this.#own.errors, ...errors]);
  }

  /** This shard, too, has to be able to do its part. */
  async #giveSign(): Promise<void> {
    const { host, mesh } = this.#options;
    try {
      await host.checkHealth();
      this.#silence.heard(mesh.shardId);
    } catch (error) {
      this.#fail(failedOn(mesh.shardId, PinionError.from(error)));
    }
  }

  #fail(reason: PinionError): void {
    this.execution.abort(reason);
  }

  /** Tells the others that it is over. */
  async #end(): Promise<void> {
    const { execution, mesh, idleMs } = this.#options;
    const { abortReason } = execution;
    this.#silence[Symbol.dispose]();
    clearInterval(this.#ownSign);
    this.#ended.abort(abortReason);
    this.links.close(abortReason);
    const { id: executionId } = execution;
    const [kind, body] = abortReason === undefined
      ? [KIND.terminate, { executionId }]
      : [KIND.abort, { executionId, reason: abortReason.toData() }];
    // Who does not answer is lost, or ends its part by itself when it hears nothing more from here.
    const signal = AbortSignal.timeout(idleMs);
    const answers = Array.from(this.#workers.keys(), async (shardId) => {
      const answer = mesh.request(shardId, kind, body, signal).catch(() => {});
      if (!this.#silent.has(shardId)) await answer;
    });
    if (abortReason !== undefined) await Promise.all(answers);
  }
}

function createWorkers(shards: readonly string[], own: string): Map<string, WorkerShard> {
  const workers = new Map(shards.map((shardId, number): [string, WorkerShard] => [shardId, {
    ...{ number, isPrepared: false, resultBatches: 0, expectedBatches: null, errors: [] },
  }]));
  workers.delete(own);
  return workers;
}
