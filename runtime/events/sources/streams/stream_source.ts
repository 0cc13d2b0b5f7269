/**
 * Fires one StreamReader registration: a cursor for each of its streams.
 *
 * Source: RedisGears 1.2 StreamReader (reference 2.3). Differs: a group of its own for each
 * registration; streams run side by side, each in order; pending messages are run in batches as
 * others are; an execution without messages is not run.
 *
 * @module
 */

import { RespError } from "../../../../redis/resp_decoder.ts";
import type { RegistrationPlan, StreamTrigger } from "../../../../contract/plan/registration.ts";
import type { LogBook } from "../../../base/log_book.ts";
import type { Chains } from "../../chains/chains.ts";
import type { BlockReason, EventSource } from "../../source/event_source.ts";
import {
  PolicyRunner,
  type PolicyRunnerDeps,
  RegistrationAborted,
} from "../../delivery/policy_runner.ts";
import { RateLimit } from "../../delivery/rate_limit.ts";
import { idBefore } from "./ids.ts";
import { Semaphore } from "../../../../contract/async/semaphore.ts";
import { StreamCursor } from "./stream_cursor.ts";
import { GROUP_PREFIX, type GroupInfo } from "./stream_group.ts";
import type { StreamHub, StreamListener } from "./stream_hub.ts";
import { ask, type StreamLink } from "./stream_link.ts";
import type { StreamReading } from "./stream_trimmer.ts";

/** Services that a source uses of its registration. */
export interface StreamSourceDeps
  extends Pick<PolicyRunnerDeps, "runner" | "bury" | "onChain" | "onDeath"> {
  /** The registration's. */
  readonly id: string;
  readonly plan: RegistrationPlan;
  readonly hub: StreamHub;
  /** With the rights of its library. */
  readonly streams: StreamLink;
  readonly chains: Chains;
  readonly logs: LogBook;
  /** Tells whether it has taken events before, on whichever runtime of this shard. */
  hasBegun(): Promise<boolean>;
  /** Begins to take events, or ends. */
  setBegun(hasBegun: boolean): Promise<void>;
}

/** Streams that are followed under prefixes of a shard: each takes some memory. */
export const MAX_FOLLOWED = 20_000;
/** Key of a reason that is of no stream. */
const NO_STREAM = "";
const TOO_MANY: BlockReason = {
  status: "WAITING_FOR_RETRY_ON_FAILURE",
  reason: `Some streams wait: ${MAX_FOLLOWED} are followed on this shard already (streams)`,
};
/** Chunks of all its streams that may be under way: of about 256 KiB each. */
const MAX_CHUNKS = 64;

/** Fires one StreamReader registration. */
export class StreamSource implements EventSource, StreamListener {
  readonly description = "consumer group; at least once";
  readonly #deps: StreamSourceDeps;
  readonly #trigger: StreamTrigger;
  readonly #group: string;
  /** Prefix of the names of its streams; null where it names one. */
  readonly #prefix: string | null;
  readonly #cursors = new Map<string, StreamCursor>();
  readonly #hindrances = new Map<string, BlockReason>();
  readonly #backlogs = new Map<string, number>();
  readonly #permits = new Semaphore(MAX_CHUNKS);
  readonly #rate: RateLimit | null;
  #aborted: BlockReason | null = null;
  #isRunning = false;
  /** Start of groups in streams that are found. */
  #createFrom = "0-0";

  constructor(deps: StreamSourceDeps) {
    this.#deps = deps;
    this.#trigger = deps.plan.trigger as StreamTrigger;
    const { prefix } = this.#trigger;
    this.#prefix = prefix.endsWith("*") ? prefix.slice(0, -1) : null;
    this.#group = `${GROUP_PREFIX}${deps.id}`;
    const { ratePerSecond } = deps.plan.flow;
    this.#rate = ratePerSecond === null ? null : new RateLimit(ratePerSecond, performance.now());
    deps.hub.add(this);
  }

  get hindrance(): BlockReason | null {
    return this.#aborted ?? this.#hindrances.values().next().value ?? null;
  }

  get backlog(): number | null {
    if (this.#cursors.size === 0) return null;
    return this.#backlogs.values().reduce((sum, backlog) => sum + backlog, 0);
  }

  get looksForStreams(): boolean {
    return this.#isRunning && this.#prefix !== null;
  }

  matches(key: string): boolean {
    return this.#prefix === null ? key === this.#trigger.prefix : key.startsWith(this.#prefix);
  }

  found(key: string): void {
    if (this.#isRunning) this.#follow(key);
  }

  readingOf(key: string): StreamReading {
    return {
      group: this.#group,
      unfinishedFrom: this.#cursors.get(key)?.unfinishedFrom ?? null,
      onGroup: ({ pending, lag }: GroupInfo) => {
        if (lag !== null) this.#backlogs.set(key, pending + lag);
      },
    };
  }

  async start(): Promise<void> {
    this.#aborted = null;
    if (this.#trigger.fromId === "$") await this.#beginAtEnd();
    else this.#createFrom = this.#trigger.fromId;
    this.#isRunning = true;
    if (this.#prefix === null) this.#follow(this.#trigger.prefix);
    else {
      // Where Redis cannot be asked now, the search goes on by itself.
      await this.#deps.hub.look().catch((error) =>
        this.#deps.logs.addFailure("Cannot look for streams", error)
      );
    }
  }

  async drain(): Promise<void> {
    await this.#end((cursor) => cursor.drain());
  }

  async stop(): Promise<void> {
    await this.#end((cursor) => cursor.stop());
  }

  /** Reads its streams again from a message on, as far as they are still there. */
  async replay(fromId: string): Promise<void> {
    const wasRunning = this.#isRunning;
    await this.stop();
    for (const key of await this.#streams()) {
      await this.#onGroup(key, "SETID", idBefore(fromId));
    }
    if (wasRunning) await this.start();
  }

  async forget(): Promise<void> {
    for (const key of await this.#streams()) await this.#onGroup(key, "DESTROY");
    await this.#deps.setBegun(false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#deps.hub.delete(this);
  }

  /**
   * Skips what is in the streams now; streams that come into being later are read from their start.
   * What comes into being after that is.
   */
  async #beginAtEnd(): Promise<void> {
    this.#createFrom = "0-0";
    if (await this.#deps.hasBegun()) return;
    for (const key of await this.#streams()) await this.#onGroup(key, "CREATE", "$");
    await this.#deps.setBegun(true);
  }

  /** Keys of all of its streams. */
  async #streams(): Promise<string[]> {
    if (this.#prefix === null) return [this.#trigger.prefix];
    const keys: string[] = [];
    await this.#deps.hub.look((key) => {
      if (this.matches(key)) keys.push(key);
    });
    return keys;
  }

  /** Runs a sub-command of XGROUP, where the stream is there and it can be. */
  async #onGroup(key: string, subcommand: string, ...args: string[]): Promise<void> {
    const link = await this.#deps.streams.connect();
    try {
      await ask(link, "XGROUP", subcommand, key, this.#group, ...args);
    } catch (error) {
      // No such stream here, or a group that is there already: then there is nothing to do.
      if (!(error instanceof RespError)) throw error;
    }
  }

  #follow(key: string): void {
    if (this.#cursors.has(key)) return;
    const { plan, hub, streams, runner, bury, onChain, onDeath, chains } = this.#deps;
    const { batch, durationMs, trimStream } = this.#trigger;
    if (this.#prefix !== null) {
      // The next look finds it again.
      if (hub.following >= MAX_FOLLOWED) return void this.#hindrances.set(NO_STREAM, TOO_MANY);
      hub.following++;
    }
    const onHindrance = (hindrance: BlockReason | null) => {
      if (hindrance === null) this.#hindrances.delete(key);
      else this.#hindrances.set(key, hindrance);
    };
    const { failure } = plan;
    const cursor = new StreamCursor(key, this.#createFrom, {
      ...{ batch, durationMs, group: this.#group, isNamed: this.#prefix === null, onHindrance },
      ...{ streams, watch: hub.watch, permits: this.#permits, rate: this.#rate },
      maxChunks: failure.policy === "continue" ? 2 : 1,
      policy: new PolicyRunner({ failure, batch, runner, bury, onChain, onDeath, onHindrance }),
      chains,
      onProgress: (isIdle) => hub.trimmer.progress(key, { isIdle, trims: trimStream, streams }),
    });
    this.#cursors.set(key, cursor);
    void cursor.run().catch((error) => this.#abort(error)).finally(() => this.#forget(cursor));
  }

  async #end(end: (cursor: StreamCursor) => Promise<void>): Promise<void> {
    this.#isRunning = false;
    await Promise.all(Array.from(this.#cursors.values(), async (cursor) => {
      await end(cursor);
      this.#forget(cursor);
    }));
  }

  /** A cursor has ended. */
  #forget(cursor: StreamCursor): void {
    const { key } = cursor;
    if (this.#cursors.get(key) !== cursor) return;
    this.#cursors.delete(key);
    if (this.#prefix !== null) this.#deps.hub.following--;
    this.#hindrances.delete(NO_STREAM);
    this.#hindrances.delete(key);
    this.#backlogs.delete(key);
    this.#deps.hub.trimmer.forget(key);
  }

  /** Something ends all of it. */
  #abort(error: unknown): void {
    if (this.#aborted !== null || !this.#isRunning) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#aborted = { status: "ABORTED", reason };
    if (!(error instanceof RegistrationAborted)) {
      this.#deps.logs.addFailure(`Registration ${this.#deps.id} stopped`, error);
    }
    void this.stop();
  }
}
