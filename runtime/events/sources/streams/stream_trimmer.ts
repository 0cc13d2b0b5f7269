/**
 * Deletes messages that every registration on their stream has finished.
 *
 * @module
 */

import { PinionError } from "../../../../errors.ts";
import { RespError } from "../../../../redis/resp_decoder.ts";
import type { LogBook } from "../../../base/log_book.ts";
import { compareIds, idAfter } from "./ids.ts";
import { GROUP_PREFIX, type GroupInfo, readGroups } from "./stream_group.ts";
import { ask, type StreamLink } from "./stream_link.ts";

/** What reads a stream for one registration. */
export interface StreamReading {
  /** Name of its group. */
  readonly group: string;
  /** Everything before this id is finished; null where only Redis knows. */
  readonly unfinishedFrom: string | null;
  /** Takes note of how much there is still to do. */
  onGroup(info: GroupInfo): void;
}

/** How a stream is trimmed. */
export interface TrimPlace {
  /** Whether anything is to be deleted, or only looked at. */
  readonly trims: boolean;
  /** The connection of who has finished something, and so its rights. */
  readonly streams: StreamLink;
}

/** Time between two trims of a stream that is busy, in milliseconds. */
const PAUSE_MS = 100;

/** See the module. */
export class StreamTrimmer {
  readonly #logs: LogBook;
  /** What every registration that the stream concerns reads of it. */
  readonly #readings: (key: string) => readonly StreamReading[];
  readonly #busy = new Set<string>();
  readonly #again = new Set<string>();
  readonly #trimmedAt = new Map<string, number>();

  constructor(
    logs: LogBook,
    readings: (key: string) => readonly StreamReading[],
  ) {
    this.#logs = logs;
    this.#readings = readings;
  }

  /** Something of a stream is finished; `isIdle`: all that there is for one registration. */
  progress(key: string, { isIdle, ...trim }: TrimPlace & { readonly isIdle: boolean }): void {
    const last = this.#trimmedAt.get(key) ?? -Infinity;
    if (!isIdle && performance.now() - last < PAUSE_MS) return;
    if (this.#busy.has(key)) this.#again.add(key);
    else void this.#keepTrimming(key, trim);
  }

  /** A stream is not read any more. */
  forget(key: string): void {
    this.#trimmedAt.delete(key);
  }

  async #keepTrimming(key: string, place: TrimPlace): Promise<void> {
    this.#busy.add(key);
    try {
      do {
        this.#again.delete(key);
        await this.#trim(key, place);
        this.#trimmedAt.set(key, performance.now());
      } while (this.#again.has(key));
    } catch (error) {
      // Nothing is lost: what is left is deleted with what comes after it.
      const isOver = error instanceof PinionError && error.code === "REDIS_UNAVAILABLE";
      if (!isOver && !(error instanceof RespError)) {
        this.#logs.addFailure(`Cannot trim stream ${key}`, error);
      }
    } finally {
      this.#busy.delete(key);
    }
  }

  async #trim(key: string, { trims, streams }: TrimPlace): Promise<void> {
    const link = await streams.connect();
    const groups = await readGroups(link, key);
    const readings = this.#readings(key);
    const floors: string[] = [];
    for (const group of groups.filter(({ name }) => name.startsWith(GROUP_PREFIX))) {
      const reading = readings.find(({ group: name }) => name === group.name);
      reading?.onGroup(group);
      // Paused, or of a registration that is being loaded.
      if (typeof reading?.unfinishedFrom === "string") continue;
      const [, lowest] = await ask(link, "XPENDING", key, group.name) as [number, string | null];
      floors.push(lowest ?? idAfter(group.lastDelivered));
    }
    for (const { group, unfinishedFrom } of readings) {
      // A group that is not there has not seen the stream yet, or another one that was in its place.
      if (!groups.some(({ name }) => name === group)) return;
      if (unfinishedFrom !== null) floors.push(unfinishedFrom);
    }
    if (!trims || floors.length === 0) return;
    const floor = floors.reduce((least, id) => compareIds(id, least) < 0 ? id : least);
    await ask(link, "XTRIM", key, "MINID", "=", floor);
  }
}
