/**
 * The readings that are under way, each with a link of its own and a number of pages that it may
 * send.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { RedisLink } from "../../redis/link/redis_link.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import type { ServerAddress } from "../../contract/isolate/messages/host_messages.ts";
import type { PageSegment, ReadRequest } from "../../contract/isolate/worker_border.ts";
import { readKeyPages } from "./pages/key_pages.ts";
import { MovedKeys } from "./pages/moved_keys.ts";
import { readOneKey } from "./pages/one_key.ts";
import type { KeyPage } from "./pages/page.ts";
import type { PostToWorker } from "./session_links.ts";
import { readStreamPages } from "./pages/stream_pages.ts";

/** Readings that one session has at a time; more wait for their turn. */
const MAX_READINGS = 64;
/** Readings that may wait. */
const MAX_WAITING = 100_000;

/** Opens, feeds and ends the sandbox's readings. */
export class Readings {
  #address: RedisAddress;
  readonly #name: string;
  readonly #clustered: boolean;
  readonly #post: PostToWorker;
  /** Those that run and those that wait. */
  readonly #open = new Map<number, Credits>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(address: RedisAddress, name: string, clustered: boolean, post: PostToWorker) {
    this.#address = address;
    this.#name = name;
    this.#clustered = clustered;
    this.#post = post;
  }

  /** Later readings are from this server: it is the shard's master now. */
  moveTo({ host, port }: ServerAddress): void {
    this.#address = { ...this.#address, host, port };
  }

  /** Starts a reading, which ends with an `end` message. */
  open(id: number, request: ReadRequest): void {
    if (this.#open.size >= MAX_READINGS + MAX_WAITING) {
      const error = `Cannot read: ${MAX_WAITING} readings of this session wait already`;
      return this.#post({ type: "end", id, error });
    }
    const credits = new Credits();
    this.#open.set(id, credits);
    const start = () => void this.#read(id, request, credits);
    if (this.#running < MAX_READINGS) start();
    else this.#waiting.push(start);
  }

  /** Lets a reading send one page more. */
  credit(id: number): void {
    this.#open.get(id)?.add();
  }

  /** Stops a reading. */
  close(id: number): void {
    this.#open.get(id)?.close();
  }

  async *#pages(link: RedisLink, request: ReadRequest): AsyncGenerator<KeyPage, void, void> {
    if (request.kind === "stream") return yield* readStreamPages(link, request);
    if (request.noScan) {
      const place = { address: this.#address, name: this.#name, clustered: this.#clustered };
      const segments = await readOneKey(link, request, place);
      return yield { segments, scanned: 1, expected: 1 };
    }
    const { slots: spans } = request;
    const moved = spans === undefined
      ? null
      : new MovedKeys({ address: this.#address, spans }, this.#name, request);
    await moved?.begin(link);
    let progress = { scanned: 0, expected: 0 };
    for await (const page of readKeyPages(link, request, this.#clustered)) {
      progress = page;
      yield page;
    }
    if (moved === null) return;
    const { scanned, expected } = progress;
    for await (const segments of moved.rest(link)) yield { segments, scanned, expected };
  }

  async #read(id: number, request: ReadRequest, credits: Credits): Promise<void> {
    let error: string | undefined;
    this.#running++;
    try {
      using link = await RedisLink.connect(this.#address, { name: this.#name });
      for await (const page of this.#pages(link, request)) {
        if (!await credits.take()) break;
        this.#post({ type: "page", id, ...page }, buffersOf(page.segments));
      }
    } catch (cause) {
      const { message } = cause as Error;
      error = cause instanceof PinionError ? `REDISDOWN ${message}` : message;
    }
    this.#running--;
    this.#open.delete(id);
    this.#post({ type: "end", id, ...(error !== undefined && { error }) });
    this.#waiting.shift()?.();
  }
}

/** Number of pages that may be sent; `take` waits while there are none. */
class Credits {
  #count = 0;
  #isClosed = false;
  #wake: (() => void) | null = null;

  add(): void {
    this.#count++;
    this.#wake?.();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  /** False once the reading is closed. */
  async take(): Promise<boolean> {
    while (this.#count === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    this.#count--;
    return !this.#isClosed;
  }
}

function buffersOf(segments: readonly PageSegment[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { keys, values } of segments) {
    buffers.add(keys.buffer);
    if (values !== null) buffers.add(values.buffer);
  }
  return [...buffers];
}
