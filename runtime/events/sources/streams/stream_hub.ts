/**
 * What the stream registrations of a shard have in common: two connections, the search for streams,
 * trimming.
 *
 * @module
 */

import { asUser, type RedisAddress, type RedisUser } from "../../../../redis/redis_url.ts";
import type { LogBook } from "../../../base/log_book.ts";
import { StreamFinder } from "./stream_finder.ts";
import { StreamLink } from "./stream_link.ts";
import { type StreamReading, StreamTrimmer } from "./stream_trimmer.ts";
import { StreamWatch } from "./stream_watch.ts";

/** A registration as the others need to know it. */
export interface StreamListener {
  /** Whether it is one for streams of a prefix that takes events now. */
  readonly looksForStreams: boolean;
  /** Whether a stream concerns it. */
  matches(key: string): boolean;
  /** A stream is there, known or not. */
  found(key: string): void;
  /** What it reads of a stream. */
  readingOf(key: string): StreamReading;
}

/** What a hub needs of its shard. */
export interface HubPlace {
  readonly address: RedisAddress;
  /** Whether the server runs in cluster mode. */
  readonly isClustered: boolean;
  readonly logs: LogBook;
}

/** See the module. */
export class StreamHub implements AsyncDisposable {
  readonly #address: RedisAddress;
  /** With the runtime's own rights. */
  readonly #streams: StreamLink;
  /** Of users of libraries, by their names and passwords. */
  readonly #ofUsers = new Map<string, StreamLink>();
  readonly watch: StreamWatch;
  readonly trimmer: StreamTrimmer;
  /** How many streams are followed under prefixes, of each registration. */
  following = 0;
  readonly #finder: StreamFinder;
  readonly #listeners = new Set<StreamListener>();
  readonly #seekers = new Set<(key: string) => void>();

  constructor({ address, isClustered, logs }: HubPlace) {
    this.#address = address;
    this.#streams = new StreamLink(address);
    this.watch = new StreamWatch(new StreamLink(address, "pinion-stream-watch"), isClustered);
    this.trimmer = new StreamTrimmer(logs, (key) => this.#readings(key));
    this.#finder = new StreamFinder(this.#streams, logs, {
      onFound: (key) => this.#found(key),
      isWanted: () => [...this.#listeners].some(({ looksForStreams }) => looksForStreams),
    });
  }

  /** What streams are read and trimmed by, with the rights of a library's user where it has one. */
  streamsOf(user: RedisUser | undefined): StreamLink {
    if (user === undefined) return this.#streams;
    const name = JSON.stringify([user.username, user.password]);
    const known = this.#ofUsers.get(name);
    if (known !== undefined) return known;
    const streams = new StreamLink(asUser(this.#address, user));
    this.#ofUsers.set(name, streams);
    return streams;
  }

  /** From now on nothing is trimmed that it has not finished. */
  add(listener: StreamListener): void {
    this.#listeners.add(listener);
  }

  /** It is gone. Who comes after the last one opens connections anew. */
  delete(listener: StreamListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    this.watch.rest();
    for (const streams of [this.#streams, ...this.#ofUsers.values()]) streams.rest();
  }

  /**
   * Finds the streams that are there: tells who listens, and `onFound`.
   *
   * @throws RespError, `REDIS_UNAVAILABLE`
   */
  async look(onFound: (key: string) => void = () => {}): Promise<void> {
    this.#seekers.add(onFound);
    try {
      await this.#finder.look();
    } finally {
      this.#seekers.delete(onFound);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#finder[Symbol.asyncDispose]();
    await this.watch[Symbol.asyncDispose]();
    for (const streams of [this.#streams, ...this.#ofUsers.values()]) streams[Symbol.dispose]();
  }

  #found(key: string): void {
    for (const onFound of this.#seekers) onFound(key);
    for (const listener of this.#listeners) if (listener.matches(key)) listener.found(key);
  }

  #readings(key: string): StreamReading[] {
    return [...this.#listeners].filter((listener) => listener.matches(key))
      .map((listener) => listener.readingOf(key));
  }
}
