/**
 * Notices streams that come into being: looks through the keys of the shard, the less often the
 * more there are.
 *
 * @module
 */

import { PinionError } from "../../../../errors.ts";
import type { LogBook } from "../../../base/log_book.ts";
import { ask, type StreamLink } from "./stream_link.ts";

/** Keys that one SCAN looks at. */
const SCAN_COUNT = 1_000;
/**
 * Time that a SCAN takes of the server. The pause is by this and not by the time that a look took:
 * where the machine is busy, that is mostly waiting, and new streams would be noticed ever later.
 */
const SCAN_MS = 0.5;
/** Of its time, the part that the server may spend with being looked through. */
const SHARE = 1 / 50;
/** Bounds of the pause between two looks, in milliseconds. */
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 30_000;
/** Keys of our own. */
const OWN_PREFIX = "__pinion:";

/** Searches the shard for new streams. */
export class StreamFinder implements AsyncDisposable {
  readonly #streams: StreamLink;
  readonly #onFound: (key: string) => void;
  readonly #isWanted: () => boolean;
  readonly #logs: LogBook;
  #looking: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /**
   * @param onFound Called with each stream, again with every look.
   * @param isWanted Whether anybody waits for streams by a prefix.
   */
  constructor(
    streams: StreamLink,
    logs: LogBook,
    { onFound, isWanted }: {
      readonly onFound: (key: string) => void;
      readonly isWanted: () => boolean;
    },
  ) {
    this.#streams = streams;
    this.#logs = logs;
    this.#onFound = onFound;
    this.#isWanted = isWanted;
  }

  /**
   * Looks, after a look that is under way, and from then on again and again.
   *
   * @throws RespError, `REDIS_UNAVAILABLE`; it tries again by itself
   */
  async look(): Promise<void> {
    await this.#looking?.catch(() => {});
    await (this.#looking ??= this.#look().finally(() => this.#looking = null));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#looking?.catch(() => {});
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    let scans = 0;
    try {
      const link = await this.#streams.connect();
      let cursor = "0";
      do {
        const [next, keys] = await ask(
          link,
          ...["SCAN", cursor, "COUNT", SCAN_COUNT, "TYPE", "stream"],
        ) as [string, unknown[]];
        cursor = next;
        scans++;
        for (const key of keys) {
          if (typeof key === "string" && !key.startsWith(OWN_PREFIX)) this.#onFound(key);
        }
      } while (cursor !== "0" && !this.#isClosed);
    } finally {
      this.#plan(scans * SCAN_MS / SHARE);
    }
  }

  #plan(pauseMs: number): void {
    if (this.#isClosed || !this.#isWanted()) return;
    const bounded = Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, pauseMs));
    this.#timer = setTimeout(() => void this.look().catch((error) => this.#failed(error)), bounded);
  }

  /** The next look follows; where Redis is down, others have said so. */
  #failed(error: unknown): void {
    if (error instanceof PinionError && error.code === "REDIS_UNAVAILABLE") return;
    if (!this.#isClosed) this.#logs.addFailure("Cannot look for streams", error);
  }
}
