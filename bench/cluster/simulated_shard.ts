/**
 * One shard of a topology that exists in one process only: the stages, shuffle and links of a real
 * one, without its isolate, and with a mesh that needs no network.
 *
 * @module
 */

import type { Mesh } from "../../coordinator/mesh/mesh.ts";
import { KIND, ShuffleHeader } from "../../runtime/execution/protocol.ts";
import { ShuffleLinks } from "../../runtime/execution/shuffle_links.ts";
import type { ClusterPosition } from "../../contract/isolate/messages/execution_messages.ts";
import type { Batch } from "../../isolate/sandbox/base/batch.ts";
import { BUILTINS } from "../../isolate/sandbox/steps/builtins.ts";
import { Pipeline } from "../../isolate/sandbox/pipeline/pipeline.ts";
import { ShuffleInbox } from "../../isolate/sandbox/shuffle/shuffle_inbox.ts";
import { ShuffleOutbox } from "../../isolate/sandbox/shuffle/shuffle_outbox.ts";
import { listSenders, placeRecords } from "../../isolate/sandbox/shuffle/placement.ts";
import type { StepContext } from "../../isolate/sandbox/steps/step_runner.ts";
import type { CompiledPlan } from "../../sdk/compile.ts";
import { isShuffle } from "../../contract/plan/step_kinds.ts";

/** The one execution. */
const EXECUTION_ID = "simulated-1";

/** What a shard takes part in. */
export interface SimulatedPart {
  /** With one shuffle. */
  readonly compiled: CompiledPlan;
  /** Ids of all shards, by their numbers. */
  readonly shards: readonly string[];
  readonly place: ClusterPosition;
  readonly mesh: Mesh;
}

/** See the module. */
export class SimulatedShard {
  readonly #first: Pipeline;
  readonly #second: Pipeline;
  readonly #outbox: ShuffleOutbox;
  readonly #inbox: ShuffleInbox;
  readonly #links: ShuffleLinks;
  readonly #self: number;
  readonly #failed = Promise.withResolvers<never>();
  /** Records that came out. */
  results = 0;

  constructor({ compiled, shards, place, mesh }: SimulatedPart) {
    const { plan, callbacks } = compiled;
    const at = plan.steps.findIndex(isShuffle);
    const step = plan.steps[at];
    if (step === undefined || !isShuffle(step)) throw new TypeError("The plan has no shuffle");
    const fail = (error: unknown) => this.#failed.reject(error);
    const context: StepContext = {
      callback: (ref) => ref.source === "author" ? callbacks[ref.index] : BUILTINS[ref.name],
      fail,
      window: plan.window,
    };
    const { windowBytes, self, initiator } = place;
    this.#self = self;
    this.#links = new ShuffleLinks({
      executionId: EXECUTION_ID,
      plan,
      shards,
      self,
      initiator,
      windowBytes,
      mesh,
      onFailure: fail,
    });
    this.#inbox = new ShuffleInbox(
      listSenders(step, place),
      (source, bytes) => this.#links.took(0, source, bytes),
    );
    this.#outbox = new ShuffleOutbox({
      shards: place.shards,
      self,
      windowBytes,
      targetOf: placeRecords(step, place),
      keepsKeys: plan.steps[at + 1] !== undefined && plan.steps[at + 1].type !== "dropkey",
      keep: (batch) => this.#inbox.addOwn(batch),
      send: (target, bytes) => this.#links.send(0, target, bytes),
      fail,
    });
    this.#first = new Pipeline(
      plan.steps.slice(0, at),
      context,
      (batch) => this.#outbox.take(batch),
    );
    this.#second = new Pipeline(plan.steps.slice(at + 1), context, ({ records }) => {
      this.results += records.length;
    });
    mesh.accept(
      KIND.shuffle,
      ShuffleHeader,
      (from, { shuffle }, channel) => this.#links.accept(from, shuffle, channel),
    );
  }

  /** Reads its own batches and takes what the other shards send; resolves at the end of both. */
  async run(batches: Iterable<Batch>): Promise<void> {
    this.#links.begin({
      batch: (_shuffle, source, records) => this.#inbox.add(source, records),
      batchEnd: (_shuffle, source) => this.#inbox.end(source),
      // As from another process: never while the sender is still at it.
      credit: (_shuffle, target, bytes) => queueMicrotask(() => this.#outbox.credit(target, bytes)),
      remoteResults: () => {},
      complete: () => {},
    });
    await Promise.race([this.#failed.promise, Promise.all([this.#send(batches), this.#take()])]);
  }

  async #send(batches: Iterable<Batch>): Promise<void> {
    for (const batch of batches) {
      await this.#first.push(batch);
      // The other shards of this process have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#first.end();
    await this.#outbox.end();
    this.#inbox.end(this.#self);
    this.#links.end(0);
  }

  async #take(): Promise<void> {
    for (let batch = await this.#inbox.next(); batch; batch = await this.#inbox.next()) {
      await this.#second.push(batch);
    }
    await this.#second.end();
  }
}
