/**
 * The stages of an execution that runs on several shards, with the shuffles between them.
 *
 * ```text
 *   reader ──► stage 0 ──► outbox ┄┄ other shards ┄┄► inbox ──► stage 1 ──► … ──► results
 *                             └─────── own records ─────▲
 * ```
 *
 * All stages run at the same time, each at its own pace; what waits between two of them is bounded,
 * so a slow stage holds up the one before it, on whichever shard that is.
 *
 * @module
 */

import type { Step } from "../../../contract/plan/step.ts";
import { isShuffle } from "../../../contract/plan/step_kinds.ts";
import type {
  ClusterPosition,
  StepFigures,
} from "../../../contract/isolate/messages/execution_messages.ts";
import type { Batch } from "../base/batch.ts";
import { sendToRuntime } from "../base/border.ts";
import type { EmitBatch, Flow } from "./flow.ts";
import { Pipeline } from "./pipeline.ts";
import { ShuffleInbox } from "../shuffle/shuffle_inbox.ts";
import { ShuffleOutbox } from "../shuffle/shuffle_outbox.ts";
import { listSenders, placeRecords } from "../shuffle/placement.ts";
import type { StepContext } from "../steps/step_runner.ts";

/** A shuffle: what the stage before it gives, and what the stage after it gets. */
interface Shuffle {
  readonly outbox: ShuffleOutbox;
  readonly inbox: ShuffleInbox;
}

/** Runs the stages of a distributed execution. */
export class StagedFlow implements Flow {
  readonly #executionId: string;
  readonly #place: ClusterPosition;
  readonly #stages: readonly Pipeline[];
  /** Number i is between the stages i and i + 1. */
  readonly #shuffles: readonly Shuffle[];
  /** Promises of the stages after the first. */
  #running: readonly Promise<void>[] = [];
  readonly #context: StepContext;
  #isAborted = false;

  constructor(
    executionId: string,
    steps: readonly Step[],
    place: ClusterPosition,
    context: StepContext,
    emit: EmitBatch,
  ) {
    this.#executionId = executionId;
    this.#place = place;
    this.#context = context;
    const parts = splitAtShuffles(steps);
    const shuffles: Shuffle[] = [];
    for (const [index, { shuffle, next }] of parts.entries()) {
      if (shuffle !== undefined) shuffles.push(this.#makeShuffle(index, shuffle, next));
    }
    this.#shuffles = shuffles;
    this.#stages = parts.map(({ steps }, index) => {
      const after = shuffles[index];
      return new Pipeline(steps, context, after ? (batch) => after.outbox.take(batch) : emit);
    });
  }

  begin(): void {
    this.#running = this.#shuffles.map((_, index) => this.#runStage(index + 1));
  }

  get figures(): readonly StepFigures[] {
    return this.#stages.flatMap((stage, index) => {
      const shuffle = this.#shuffles[index];
      if (shuffle === undefined) return stage.figures;
      const recordsIn = shuffle.outbox.records;
      const recordsOut = shuffle.inbox.records;
      return [...stage.figures, { recordsIn, recordsOut, durationMs: 0 }];
    });
  }

  get isExhausted(): boolean {
    return this.#stages[0].isExhausted;
  }

  get demand(): number {
    return this.#stages[0].demand;
  }

  push(batch: Batch): void | Promise<void> {
    return this.#stages[0].push(batch);
  }

  async end(): Promise<void> {
    await this.#endStage(0);
    await Promise.all(this.#running);
  }

  async settled(): Promise<void> {
    for (const stage of this.#stages) await stage.settled();
    await Promise.all(this.#running);
  }

  abort(): void {
    this.#isAborted = true;
    for (const { inbox, outbox } of this.#shuffles) {
      inbox.close();
      outbox.close();
    }
  }

  /** Takes a batch of another shard. */
  receive(shuffle: number, source: number, bytes: Uint8Array): void {
    this.#shuffles[shuffle]?.inbox.add(source, bytes);
  }

  /** Takes the end of what another shard sends. */
  endOf(shuffle: number, source: number): void {
    this.#shuffles[shuffle]?.inbox.end(source);
  }

  /** Takes room for more on the way to another shard. */
  credit(shuffle: number, target: number, bytes: number): void {
    this.#shuffles[shuffle]?.outbox.credit(target, bytes);
  }

  #makeShuffle(
    shuffle: number,
    step: Parameters<typeof placeRecords>[0],
    next: Step | undefined,
  ): Shuffle {
    const executionId = this.#executionId;
    const { shards, self, windowBytes } = this.#place;
    const inbox = new ShuffleInbox(
      listSenders(step, this.#place),
      (source, bytes) => sendToRuntime({ type: "took", executionId, shuffle, source, bytes }),
    );
    const outbox = new ShuffleOutbox({
      shards,
      self,
      windowBytes,
      targetOf: placeRecords(step, this.#place),
      keepsKeys: next !== undefined && next.type !== "dropkey",
      keep: (batch) => inbox.addOwn(batch),
      send: (target, records) =>
        sendToRuntime({ type: "shuffle", executionId, shuffle, target, records }),
      fail: (error) => this.#context.fail(error),
    });
    return { inbox, outbox };
  }

  /** Runs a stage over what its shuffle brings. Never rejects. */
  async #runStage(index: number): Promise<void> {
    const { inbox } = this.#shuffles[index - 1];
    const stage = this.#stages[index];
    try {
      for (let batch = await inbox.next(); batch !== null; batch = await inbox.next()) {
        if (stage.isExhausted || this.#isAborted) continue;
        const room = stage.push(batch);
        if (room !== undefined) await room;
      }
    } catch (error) {
      this.#context.fail(error);
    }
    await this.#endStage(index);
  }

  /**
   * Ends a stage: what it gathered goes on, and the shards after it hear that nothing more does.
   */
  async #endStage(index: number): Promise<void> {
    const stage = this.#stages[index];
    const shuffle = this.#shuffles[index];
    try {
      await (this.#isAborted ? stage.settled() : stage.end());
    } catch (error) {
      this.#context.fail(error);
    }
    if (shuffle === undefined) return;
    await shuffle.outbox.end();
    shuffle.inbox.end(this.#place.self);
    sendToRuntime({ type: "shuffleEnd", executionId: this.#executionId, shuffle: index });
  }
}

/** The steps between shuffles; each part but the last with the shuffle at its end. */
function splitAtShuffles(steps: readonly Step[]) {
  const parts: {
    steps: Step[];
    shuffle?: Extract<Step, { type: "repartition" | "collect" }>;
    /** The step after the shuffle. */
    next?: Step;
  }[] = [{ steps: [] }];
  for (const [index, step] of steps.entries()) {
    const part = parts.at(-1)!;
    if (isShuffle(step)) {
      part.shuffle = step;
      part.next = steps[index + 1];
      parts.push({ steps: [] });
    } else part.steps.push(step);
  }
  return parts;
}
