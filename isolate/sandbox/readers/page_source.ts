/**
 * Pages of a shard as they come from the host thread, asked for one by one.
 *
 * @module
 */

import { PAGE_CREDITS } from "../../../contract/isolate/messages/message_limits.ts";
import type { PageSegment, ReadRequest } from "../../../contract/isolate/worker_border.ts";
import { postToHost } from "../base/border.ts";
import { RedisError } from "../base/redis_error.ts";

/** A page with the estimates of how far the reader is. */
export interface Page {
  readonly segments: readonly PageSegment[];
  readonly scanned: number;
  readonly expected: number;
}

let nextId = 1;
const open = new Map<number, PageSource>();

/** The source that the host thread calls `id`; undefined once it was closed. */
export function findPageSource(id: number): PageSource | undefined {
  return open.get(id);
}

/** Reads the shard once. At most `PAGE_CREDITS` pages are on their way or wait here. */
export class PageSource implements Disposable {
  readonly #id = nextId++;
  readonly #pages: Page[] = [];
  #isEnded = false;
  #error: string | undefined;
  #wake: (() => void) | null = null;

  constructor(request: ReadRequest) {
    open.set(this.#id, this);
    postToHost({ type: "open", id: this.#id, request });
    for (let credit = 0; credit < PAGE_CREDITS; credit++) {
      postToHost({ type: "credit", id: this.#id });
    }
  }

  /** The next page; null at the end. @throws Error with what Redis answered */
  async next(): Promise<Page | null> {
    while (this.#pages.length === 0) {
      if (this.#error !== undefined) throw new RedisError(this.#error);
      if (this.#isEnded) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    postToHost({ type: "credit", id: this.#id });
    return this.#pages.shift()!;
  }

  /** Takes a page that came. */
  add(page: Page): void {
    this.#pages.push(page);
    this.#wake?.();
  }

  /** Notes that no more pages come. */
  end(error?: string): void {
    this.#isEnded = true;
    this.#error = error;
    this.#wake?.();
  }

  [Symbol.dispose](): void {
    open.delete(this.#id);
    if (!this.#isEnded) postToHost({ type: "close", id: this.#id });
  }
}
