/**
 * Knows how many registrations' writes led to an event, so that a loop ends: see `MAX_CHAIN_DEPTH`.
 *
 * An execution of an event of depth n marks the keys that it writes: it publishes depth n + 1 and
 * the key right before its command, and an end behind the commands of the same turn. Redis runs
 * what one connection sends in order, and the notification of the write comes over the same
 * connection as the mark: so an event between a mark of its key and the end is the execution's own,
 * and what others write meanwhile is not taken for it.
 *
 * ```text
 *   sandbox      PUBLISH "s1 3 k"   INCR k         PUBLISH "s1"
 *   this link    mark: k is 3       event of k: 3  end: k is nobody's
 * ```
 *
 * Where its Redis user may not publish, an execution tells the runtime the keys beforehand, and
 * their events count as its own for a while. Entries of streams are told by their ids.
 *
 * @module
 */

import type {
  AddedMessage,
  AddingMessage,
  WroteMessage,
} from "../../../contract/isolate/messages/chain.ts";
import type { KeyName } from "../../../contract/isolate/key_name.ts";
import { OpenMarks } from "./open_marks.ts";
import { RecentMap } from "./recent_map.ts";

/** Registrations' writes that may lead to each other's events; what would go on is stopped. */
export const MAX_CHAIN_DEPTH = 32;

/**
 * Time for which a key that was told beforehand counts as written by a registration, in
 * milliseconds.
 */
const TOLD_MS = 2_000;
/** Time for which the word of an isolate is waited for, in milliseconds. */
const WORD_MS = 500;
/** Keys, or entries, that are remembered of each kind, and the characters of their names. */
const REMEMBERED = { entries: 100_000, chars: 16 * 1024 * 1024 };
/** A depth as it is published. */
const DEPTH = /^[1-9]\d?$/;

interface Told {
  readonly depth: number;
  readonly until: number;
}

/** A session whose executions write. */
export interface ChainWriter {
  /** Resolves when all that it has said by now has come; also when it is gone. */
  sync(): Promise<void>;
}

/** A stream that executions have added to. */
interface AddedTo {
  readonly until: number;
  readonly writers: Set<ChainWriter>;
}

/** Entries on their way to one stream. */
interface Adding {
  count: number;
  readonly settled: PromiseWithResolvers<void>;
}

/** Tells the depth of an event: the number of registrations whose writes led to it. */
export class Chains {
  readonly #marks = new OpenMarks(REMEMBERED);
  readonly #told = new RecentMap<Told>(REMEMBERED);
  /** Depths of entries by `key` NUL `id`. */
  readonly #entries = new RecentMap<number>(REMEMBERED);
  /** Entries that are on their way to a stream. */
  readonly #adding = new RecentMap<Adding>(REMEMBERED);
  /** Streams that executions have added to lately, the one that was longest ago first. */
  readonly #addedTo = new RecentMap<AddedTo>(REMEMBERED);
  readonly #isOwn: (key: string) => boolean;

  /** @param isOwn Whether a key is this shard's: marks of others come over the cluster bus. */
  constructor(isOwn: (key: string) => boolean = () => true) {
    this.#isOwn = isOwn;
  }

  /** A mark, or an end of marks, came with the events: `SENDER DEPTH KEY` or `SENDER`. */
  mark(payload: KeyName, now: number): void {
    const text = nameOf(payload);
    const [sender, depth] = text.split(" ", 2);
    if (depth === undefined) return this.#marks.end(sender);
    const key = text.slice(sender.length + depth.length + 2);
    if (DEPTH.test(depth) && this.#isOwn(key)) this.#marks.add(sender, key, Number(depth), now);
  }

  /** The connection that marks come over is another one. */
  clearMarks(): void {
    this.#marks.clear();
  }

  /** Executions say what they write where that cannot be marked. */
  take(message: WroteMessage | AddingMessage | AddedMessage, writer: ChainWriter): void {
    const now = Date.now();
    switch (message.type) {
      case "wrote":
        return this.tell(message.depth, message.keys, now);
      case "adding":
        return this.#begin(message.key, writer, now);
      case "added":
        if (message.id !== null) this.#tellEntry(message.key, message.id, message.depth);
        return this.#arrive(message.key);
      default:
        message satisfies never;
    }
  }

  /** Keys are about to be written by an execution of events of depth `depth - 1`. */
  tell(depth: number, keys: readonly string[], now: number): void {
    for (const key of keys) this.#told.set(key, { depth, until: now + TOLD_MS });
  }

  /** Depth of an event of a key that comes now; 0 where no registration caused it. */
  depthOf(key: string, now: () => number = Date.now): number {
    if (!this.#marks.isEmpty) {
      const depth = this.#marks.depthOf(key);
      if (depth !== undefined) return depth;
    }
    if (this.#told.size === 0) return 0;
    const told = this.#told.get(key);
    if (told === undefined) return 0;
    if (told.until >= now()) return told.depth;
    this.#told.delete(key);
    return 0;
  }

  /**
   * Resolves when it is known which entries of a stream registrations have added; null: it is.
   *
   * What is read of Redis may come before the word of the isolate that has added it: those that
   * have added to the stream lately are asked whether they have said all.
   */
  settled(key: string): Promise<void> | null {
    const added = this.#addedTo.get(key);
    if (added === undefined) return null;
    if (added.until >= Date.now()) return this.#settle(key, added.writers);
    this.#addedTo.delete(key);
    return null;
  }

  /** Depths of entries of a stream; undefined where no registration added them. */
  depthsOf(key: string, count: number, idAt: (place: number) => string): number[] | undefined {
    const told = this.#told.get(key);
    const depth = told !== undefined && told.until >= Date.now() ? told.depth : 0;
    if (depth === 0 && this.#entries.size === 0) return undefined;
    const depths = Array.from(
      { length: count },
      (_, place) => this.#entries.get(`${key}\0${idAt(place)}`) ?? depth,
    );
    return depths.some((depth) => depth > 0) ? depths : undefined;
  }

  async #settle(key: string, writers: ReadonlySet<ChainWriter>): Promise<void> {
    await soon(Promise.all(Array.from(writers, (writer) => writer.sync())));
    const adding = this.#adding.get(key);
    if (adding === undefined) return;
    await soon(adding.settled.promise);
    // An isolate that died does not say.
    if (this.#adding.get(key) === adding) this.#adding.delete(key);
  }

  #begin(key: string, writer: ChainWriter, now: number): void {
    const writers = this.#addedTo.get(key)?.writers ?? new Set();
    this.#addedTo.set(key, { until: now + TOLD_MS, writers: writers.add(writer) });
    for (const [old, { until }] of this.#addedTo) {
      if (until >= now) break;
      this.#addedTo.delete(old);
    }
    const adding = this.#adding.get(key);
    if (adding !== undefined) adding.count++;
    else this.#adding.set(key, { count: 1, settled: Promise.withResolvers() });
  }

  #arrive(key: string): void {
    const adding = this.#adding.get(key);
    if (adding === undefined || --adding.count > 0) return;
    this.#adding.delete(key);
    adding.settled.resolve();
  }

  #tellEntry(key: string, id: string, depth: number): void {
    this.#entries.set(`${key}\0${id}`, depth);
  }
}

/** Waits for a promise, but not for long. */
async function soon(promise: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, WORD_MS);
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

function nameOf(key: KeyName): string {
  return typeof key === "string" ? key : new TextDecoder().decode(key);
}
