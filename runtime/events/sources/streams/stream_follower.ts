/**
 * Reads a stream over one connection: what the group says is pending first, then what comes.
 *
 * It holds at most two chunks under way and one that was read; where a failure holds up what comes
 * after it, one under way. All streams of a registration share a number of permits, one for each
 * chunk. So a slow function costs no memory: the server keeps the rest.
 *
 * @module
 */

import { delay } from "@std/async";
import type { Chains } from "../../chains/chains.ts";
import type { PolicyRunner } from "../../delivery/policy_runner.ts";
import type { RateLimit } from "../../delivery/rate_limit.ts";
import { Acknowledger } from "./acknowledger.ts";
import { Chunk } from "./chunk.ts";
import { Entries } from "./entries.ts";
import { compareIds, idAfter } from "./ids.ts";
import type { Semaphore } from "../../../../contract/async/semaphore.ts";
import { ReadSize } from "./read_size.ts";
import type { StreamGroup } from "./stream_group.ts";

/** Services that a follower uses of its cursor. */
export interface FollowerDeps {
  /** Messages of an execution. */
  readonly batch: number;
  /** Time for which messages wait for their batch to be full; 0: as long as it takes. */
  readonly durationMs: number;
  /** Chunks that may be under way. */
  readonly maxChunks: number;
  readonly policy: PolicyRunner;
  /** One for each chunk of the registration. */
  readonly permits: Semaphore;
  /** Of the registration; null where any number of executions may begin. */
  readonly rate: RateLimit | null;
  readonly chains: Chains;
  /** Resolves when a message after this id may be there, or after so long. */
  wait(afterId: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Something was finished; `isIdle`: all of it. */
  onProgress(isIdle: boolean): void;
  /** Reads nothing more. */
  readonly drain: AbortSignal;
  /** Ends what has not begun. */
  readonly stop: AbortSignal;
}

/**
 * Bytes of a chunk that has more than one batch: one of a few large messages is no use to others.
 */
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;
/** Time between two looks at a stream that nothing is heard of, in milliseconds. */
const LOOK_MS = 1_000;

/** Reads one stream's pending and new messages. */
export class StreamFollower {
  readonly #group: StreamGroup;
  readonly #deps: FollowerDeps;
  readonly #size: ReadSize;
  readonly #acknowledger: Acknowledger;
  readonly #underWay = new Set<Chunk>();
  /** Ends everything: the connection is of no more use, or a chunk has failed. */
  readonly #broken = new AbortController();
  readonly #end: AbortSignal;
  /** As `#end`, or nothing more is to be read. */
  readonly #over: AbortSignal;
  #onChunkEnd: () => void = () => {};
  /** Messages that are read and wait for their batch to be full. */
  #rest = Entries.NONE;
  #restSince = 0;
  /** Id of the last message that was read. */
  #lastId: string | null = null;
  /** Id of the first message that was read and is left to another follower. */
  #leftFrom: string | null = null;
  /** Id of the first message that has been read and has not begun. */
  #waitingFrom: string | null = null;

  constructor(group: StreamGroup, deps: FollowerDeps) {
    this.#group = group;
    this.#deps = deps;
    this.#size = new ReadSize(deps.batch);
    this.#acknowledger = new Acknowledger(group, (error) => this.#broken.abort(error));
    this.#end = AbortSignal.any([deps.stop, this.#broken.signal]);
    this.#over = AbortSignal.any([deps.drain, this.#end]);
  }

  /** Everything before this id is finished; null while that is not known. */
  get unfinishedFrom(): string | null {
    const [open] = this.#underWay;
    const first = open?.firstId ?? this.#waitingFrom;
    const left = this.#leftFrom;
    if (left !== null) return first !== null && compareIds(first, left) < 0 ? first : left;
    if (first !== null) return first;
    if (this.#rest.count > 0) return this.#rest.id(0);
    return this.#lastId === null ? null : idAfter(this.#lastId);
  }

  /**
   * Reads until it is drained or stopped.
   *
   * @param lastDelivered Id of the last message that the group has given out.
   * @throws RespError, `REDIS_UNAVAILABLE`, or what ended a chunk
   */
  async run(lastDelivered: string): Promise<void> {
    try {
      await this.#readPending();
      if (!this.#isOver) {
        this.#lastId = lastDelivered;
        this.#deps.onProgress(this.#underWay.size === 0);
      }
      await this.#readNew();
    } catch (error) {
      this.#broken.abort(error);
    }
    await this.#untilChunks(0);
    await this.#acknowledger.drained();
    this.#broken.signal.throwIfAborted();
  }

  get #isOver(): boolean {
    return this.#over.aborted;
  }

  async #readPending(): Promise<void> {
    for (let after = "0-0"; !this.#isOver;) {
      const { count } = this.#size;
      const { entries, goneIds, lastId } = await this.#group.read({ count, after });
      await this.#group.acknowledgeIds(goneIds);
      if (lastId === null) return;
      after = lastId;
      this.#size.learn(entries.count, entries.bytes.length);
      await this.#launch(entries);
    }
  }

  async #readNew(): Promise<void> {
    // What is in the stream when it begins does not wait for more.
    let isCatchingUp = true;
    while (!this.#isOver) {
      const { count } = this.#size;
      const { entries, lastId } = await this.#group.read({ count, after: ">" });
      if (this.#rest.count === 0) this.#restSince = performance.now();
      if (lastId !== null) this.#lastId = lastId;
      this.#size.learn(entries.count, entries.bytes.length);
      const isAll = entries.count < count;
      await this.#launchFull(this.#rest.concat(entries), isAll && isCatchingUp);
      if (!isAll) continue;
      isCatchingUp = false;
      if (!this.#isOver) await this.#deps.wait(this.#lastId!, this.#patienceMs, this.#over);
    }
  }

  /** Time for which to wait for more. */
  get #patienceMs(): number {
    const { durationMs } = this.#deps;
    if (this.#rest.count === 0 || durationMs === 0) return LOOK_MS;
    const left = this.#restSince + durationMs - performance.now();
    return Math.max(0, Math.min(LOOK_MS, left));
  }

  /** Launches whole batches; what is left as well where it is to wait no longer. */
  async #launchFull(entries: Entries, takesAll: boolean): Promise<void> {
    const { batch, durationMs } = this.#deps;
    const waited = performance.now() - this.#restSince;
    const isDue = takesAll || (durationMs > 0 && waited >= durationMs);
    const full = isDue ? entries.count : entries.count - entries.count % batch;
    // An empty slice would keep the bytes of all, for as long as the stream is quiet.
    this.#rest = full === entries.count ? Entries.NONE : entries.slice(full);
    if (full > 0) this.#restSince = performance.now();
    await this.#launch(entries.slice(0, full));
  }

  /** Runs messages as soon as there is room; resolves when they have begun. */
  async #launch(entries: Entries): Promise<void> {
    const { batch, rate } = this.#deps;
    for (let from = 0; from < entries.count;) {
      // Where a pause is ended, what waits stays unfinished.
      this.#waitingFrom = entries.id(from);
      const fitting = entries.countWithin(from, MAX_CHUNK_BYTES);
      const isRest = from + fitting === entries.count;
      const left = isRest ? Math.ceil(fitting / batch) : Math.max(1, Math.floor(fitting / batch));
      const executions = rate?.take(left, performance.now()) ?? left;
      const to = Math.min(entries.count, from + executions * batch);
      if (executions > 0) await this.#launchChunk(entries.slice(from, to));
      else await delay(rate!.waitMs, { signal: this.#over });
      from = to;
    }
    this.#waitingFrom = null;
  }

  async #launchChunk(entries: Entries): Promise<void> {
    const chunk = new Chunk(this.#group.key, entries, this.#acknowledger);
    this.#underWay.add(chunk);
    await this.#untilChunks(this.#deps.maxChunks);
    await this.#deps.permits.acquire();
    const { chains } = this.#deps;
    await chains.settled(this.#group.key);
    chunk.findDepths(chains);
    if (!this.#isOver) return void this.#run(chunk);
    this.#deps.permits.release();
    this.#leave(chunk);
    this.#underWay.delete(chunk);
  }

  #leave({ firstId }: Chunk): void {
    const isFirst = this.#leftFrom === null || compareIds(firstId, this.#leftFrom) < 0;
    if (isFirst) this.#leftFrom = firstId;
  }

  async #run(chunk: Chunk): Promise<void> {
    try {
      await this.#deps.policy.run(chunk, this.#end);
    } catch (error) {
      this.#leave(chunk);
      this.#broken.abort(error);
    }
    await this.#acknowledger.drained();
    this.#deps.permits.release();
    this.#underWay.delete(chunk);
    this.#onChunkEnd();
    if (!this.#end.aborted) this.#deps.onProgress(this.#underWay.size === 0);
  }

  /** Resolves when no more than so many chunks are under way. */
  async #untilChunks(count: number): Promise<void> {
    while (this.#underWay.size > count) {
      await new Promise<void>((resolve) => this.#onChunkEnd = resolve);
    }
  }
}
