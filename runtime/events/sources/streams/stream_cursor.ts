/**
 * One stream and one registration: finds or makes its group, follows it, and begins anew where the
 * connection, the group or the stream goes away.
 *
 * ```text
 *        ┌── it is not there ──┐            drained, stopped, or not there and not named: over
 *        ▼                     │
 *   ► opening ──► following ───┤
 *        ▲                     │
 *        └── pause ── failure ─┘
 * ```
 *
 * Only the server knows what is acknowledged, so it always begins with what the group says is
 * pending. What was read over a connection is acknowledged over the same one: a server that was
 * restarted may have lost the effect of it, and then it is run again.
 *
 * @module
 */

import { delay } from "@std/async";
import { PinionError } from "../../../../errors.ts";
import { RespError } from "../../../../redis/resp_decoder.ts";
import { pauseAfter } from "../../../base/back_off.ts";
import type { BlockReason } from "../../source/event_source.ts";
import { compareIds, idBefore } from "./ids.ts";
import { type FollowerDeps, StreamFollower } from "./stream_follower.ts";
import { StreamGroup } from "./stream_group.ts";
import type { StreamLink } from "./stream_link.ts";
import type { StreamWatch } from "./stream_watch.ts";

/** Services that a cursor uses of its registration and its shard. */
export interface CursorDeps extends
  Pick<
    FollowerDeps,
    "batch" | "durationMs" | "maxChunks" | "policy" | "permits" | "rate" | "chains"
  > {
  /** Name of the registration's group. */
  readonly group: string;
  readonly streams: StreamLink;
  readonly watch: StreamWatch;
  /** True if the registration names this stream, and waits for it where it is not there. */
  readonly isNamed: boolean;
  onHindrance(hindrance: BlockReason | null): void;
  /** Something was finished; `isIdle`: all that was read. */
  onProgress(isIdle: boolean): void;
}

/** Pauses after a failure of the connection or of Redis. */
const TROUBLE = { firstMs: 50, maxMs: 2_000 };
/** The same where the library's Redis user may not use the stream. */
const FORBIDDEN = { firstMs: 1_000, maxMs: 30_000 };
/**
 * Time for which a stream that is not there is waited for until it is looked for, in milliseconds.
 */
const LOOK_MS = 1_000;

/** Follows one stream for one registration. */
export class StreamCursor {
  readonly key: string;
  readonly #deps: CursorDeps;
  readonly #stop = new AbortController();
  readonly #drain = new AbortController();
  /** Start of a group that is not there yet. */
  #createFrom: string;
  /** Everything up to this id was finished when it was known last. */
  #finished: string | null = null;
  #follower: StreamFollower | null = null;
  #ended: Promise<void> | null = null;

  /** @param createFrom Id behind which a group begins that is not there. */
  constructor(key: string, createFrom: string, deps: CursorDeps) {
    this.key = key;
    this.#createFrom = createFrom;
    this.#deps = deps;
  }

  /** Everything before this id is finished; null while that is not known. */
  get unfinishedFrom(): string | null {
    return this.#follower?.unfinishedFrom ?? null;
  }

  /**
   * Begins. Resolves when it has been drained or stopped, or the stream is not there and another
   * one's business to be noticed again.
   *
   * @throws what ends the registration: RegistrationAborted, `NO_LIBRARY` and the like
   */
  run(): Promise<void> {
    return this.#ended ??= this.#run();
  }

  /** Reads nothing more; resolves when what was read is over. */
  async drain(): Promise<void> {
    this.#drain.abort();
    await this.#ended?.catch(() => {});
  }

  /** Ends what has not begun; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stop.abort(new PinionError("EXECUTION_ABORTED", "The registration was stopped"));
    await this.drain();
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#isOver;) {
      try {
        const found = await this.#open();
        if (found === null) return;
        failures = 0;
        await this.#follow(found.group, found.lastDelivered);
      } catch (error) {
        if (this.#isOver) return;
        if (!isPassing(error)) throw error;
        await this.#stand(error, ++failures);
      }
    }
  }

  get #isOver(): boolean {
    return this.#drain.signal.aborted;
  }

  /** Finds or makes the group; null where there is no stream to wait for. */
  async #open(): Promise<{ group: StreamGroup; lastDelivered: string } | null> {
    const { streams, group: name, isNamed } = this.#deps;
    while (!this.#isOver) {
      const group = new StreamGroup(await streams.connect(), this.key, name);
      try {
        const lastDelivered = await group.open(() => this.#whereToBegin(group));
        return { group, lastDelivered };
      } catch (error) {
        if (!isGone(error)) throw error;
      }
      if (!isNamed) return null;
      // What comes into being while it is waited for is read from its beginning.
      this.#createFrom = "0-0";
      this.#finished = null;
      await this.#wait("0-0", LOOK_MS, this.#drain.signal);
    }
    return null;
  }

  /**
   * Finds the start in a stream that has no group: behind what was finished, if it is the same one.
   */
  async #whereToBegin(group: StreamGroup): Promise<string> {
    if (this.#finished === null) return this.#createFrom;
    const isSame = compareIds(await group.lastGenerated(), this.#finished) >= 0;
    return isSame ? this.#finished : "0-0";
  }

  async #follow(group: StreamGroup, lastDelivered: string): Promise<void> {
    this.#deps.onHindrance(null);
    const follower = new StreamFollower(group, {
      ...this.#deps,
      wait: (...args) => this.#wait(...args),
      onProgress: (isIdle) => this.#deps.onProgress(isIdle),
      drain: this.#drain.signal,
      stop: this.#stop.signal,
    });
    this.#follower = follower;
    try {
      await follower.run(lastDelivered);
    } finally {
      const unfinished = follower.unfinishedFrom;
      if (unfinished !== null) this.#finished = idBefore(unfinished);
      this.#follower = null;
    }
  }

  async #wait(afterId: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.#deps.watch.wait(this.key, { afterId, timeoutMs, signal });
  }

  async #stand(error: unknown, failures: number): Promise<void> {
    if (!isGone(error)) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#deps.onHindrance({ status: "WAITING_FOR_RETRY_ON_FAILURE", reason });
    }
    const isForbidden = error instanceof RespError && error.code === "NOPERM";
    const pauses = isForbidden ? FORBIDDEN : TROUBLE;
    await delay(pauseAfter(failures, pauses), this.#drain).catch(() => {});
  }
}

/** Tells whether an error says that there is no such stream here, or no such group of it. */
function isGone(error: unknown): boolean {
  if (!(error instanceof RespError)) return false;
  if (["NOGROUP", "WRONGTYPE", "MOVED", "ASK", "UNBLOCKED"].includes(error.code)) return true;
  return error.message.includes("no such key") || error.message.includes("key to exist");
}

/** Tells whether it may go on by itself: Redis cannot be reached, or refuses for now. */
function isPassing(error: unknown): boolean {
  if (error instanceof RespError) return true;
  return error instanceof PinionError &&
    (error.code === "REDIS_UNAVAILABLE" || error.code === "REDIS_REFUSED");
}
