/**
 * Redis servers with the data of the benchmarks: each is started and filled when it is first asked
 * for, and serves all benchmarks after that.
 *
 * @module
 */

import { ManagedServer } from "../../servers/managed_server.ts";
import { load } from "./load.ts";
import { makeMovies } from "./movies.ts";
import { type Counts, makeTexts } from "./texts.ts";

/** A server with data. */
export interface Dataset {
  readonly server: ManagedServer;
  /** What a count of all words must give. */
  readonly words: Counts;
  /** What a count of the films by genre must give. */
  readonly genres: Counts;
}

/** See the module. */
export class Datasets implements AsyncDisposable {
  readonly #seed: number;
  readonly #note: (line: string) => void;
  readonly #loaded = new Map<string, Promise<Dataset>>();
  readonly #owned = new AsyncDisposableStack();

  /** @param note Told what takes a while. */
  constructor(seed: number, note: (line: string) => void) {
    this.#seed = seed;
    this.#note = note;
  }

  /** `count` texts and a tenth as many films in one database. */
  texts(count: number): Promise<Dataset> {
    return this.#get(count, Math.ceil(count / 10));
  }

  /** `count` films in a database of their own. */
  movies(count: number): Promise<Dataset> {
    return this.#get(0, count);
  }

  /** No data. */
  empty(): Promise<Dataset> {
    return this.#get(0, 0);
  }

  /** Stops all servers. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }

  #get(texts: number, movies: number): Promise<Dataset> {
    const name = `${texts} texts, ${movies} films`;
    const present = this.#loaded.get(name);
    if (present !== undefined) return present;
    const loading = this.#load(texts, movies, name);
    this.#loaded.set(name, loading);
    return loading;
  }

  async #load(textCount: number, movieCount: number, name: string): Promise<Dataset> {
    if (textCount + movieCount > 0) this.#note(`loading ${name}`);
    const server = this.#owned.use(await ManagedServer.start({ installIfMissing: true }));
    const texts = makeTexts(textCount, this.#seed);
    const movies = makeMovies(movieCount, this.#seed + 1);
    await load(server.address, texts.commands);
    await load(server.address, movies.commands);
    return { server, words: texts.counts, genres: movies.counts };
  }
}
