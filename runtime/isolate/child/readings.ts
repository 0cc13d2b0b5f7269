/**
 * The readings that are under way, each with a link of its own and a number of pages that it may
 * send.
 *
 * @module
 */

import { Link } from "../../../redis/link.ts";
import type { RedisAddress } from "../../../redis/redis_url.ts";
import type { PageSegment, ReadRequest } from "../worker_border.ts";
import { readKeyPages } from "./key_pages.ts";
import type { PostToWorker } from "./session_links.ts";
import { readStreamPages } from "./stream_pages.ts";

/** Readings that one session may have at a time. */
const MAX_READINGS = 64;

/** A page as a reader gives it. */
export interface Page {
  readonly segments: readonly PageSegment[];
  readonly scanned: number;
  readonly expected: number;
}

/** See the module. */
export class Readings {
  readonly #address: RedisAddress;
  readonly #name: string;
  readonly #clustered: boolean;
  readonly #post: PostToWorker;
  readonly #open = new Map<number, Credits>();

  constructor(address: RedisAddress, name: string, clustered: boolean, post: PostToWorker) {
    this.#address = address;
    this.#name = name;
    this.#clustered = clustered;
    this.#post = post;
  }

  /** Starts a reading, which ends with an `end` message. */
  open(id: number, request: ReadRequest): void {
    if (this.#open.size >= MAX_READINGS) {
      const error = `Cannot read: this session reads ${MAX_READINGS} times already`;
      return this.#post({ type: "end", id, error });
    }
    const credits = new Credits();
    this.#open.set(id, credits);
    void this.#read(id, request, credits);
  }

  /** Lets a reading send one page more. */
  credit(id: number): void {
    this.#open.get(id)?.add();
  }

  /** Stops a reading. */
  close(id: number): void {
    this.#open.get(id)?.close();
  }

  async #read(id: number, request: ReadRequest, credits: Credits): Promise<void> {
    let error: string | undefined;
    try {
      using link = await Link.connect(this.#address, { name: this.#name });
      const pages = request.kind === "keys"
        ? readKeyPages(link, request, this.#clustered)
        : readStreamPages(link, request);
      for await (const page of pages) {
        if (!await credits.take()) break;
        this.#post({ type: "page", id, ...page }, buffersOf(page.segments));
      }
    } catch (cause) {
      error = (cause as Error).message;
    }
    this.#open.delete(id);
    this.#post({ type: "end", id, ...(error !== undefined && { error }) });
  }
}

/** How many pages may be sent; `take` waits while there are none. */
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
