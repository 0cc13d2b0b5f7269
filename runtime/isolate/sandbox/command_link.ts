/**
 * The sandbox's end of a Redis connection: encodes commands, matches replies to them in order.
 *
 * Commands that are given in one turn of the loop travel together.
 *
 * @module
 */

import { FrameScanner } from "../../../redis/frame_scanner.ts";
import { RespDecoder, RespError } from "../../../redis/resp_decoder.ts";
import { RespEncoder } from "../../../redis/resp_encoder.ts";
import { GearsError } from "../../../sdk/gears_error.ts";
import type { CommandArgument, Reply } from "../../../sdk/host.ts";
import type { LinkNumber } from "../worker_border.ts";
import { postToHost } from "./border.ts";

/** Commands that may wait for their reply. */
export const MAX_OUTSTANDING = 100_000;
/** Encoded bytes that are sent at once, even while more commands are being given. */
const FLUSH_BYTES = 256 * 1024;

/** An error that Redis answered with; the message is Redis' own. */
export class RedisError extends Error {
  override name = "RedisError";
}

interface Waiter {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

const schedule = queueMicrotask;

/** See the module. */
export class CommandLink {
  readonly #link: LinkNumber;
  readonly #encoder = new RespEncoder();
  #scanner = new FrameScanner();
  #waiters: Waiter[] = [];
  /** Place of the oldest command without a reply in `#waiters`. */
  #head = 0;
  #isScheduled = false;
  #onIdle: (() => void)[] = [];
  /** The beginning of a reply whose end has not come yet. */
  #rest: Uint8Array[] = [];

  constructor(link: LinkNumber) {
    this.#link = link;
  }

  /** Sends one command. @throws GearsError if too many wait already */
  execute(command: string, args: readonly CommandArgument[]): Promise<Reply> {
    if (this.#waiters.length - this.#head >= MAX_OUTSTANDING) {
      throw new GearsError(
        `Cannot execute ${command}: ${MAX_OUTSTANDING} commands wait for their reply; await some first`,
      );
    }
    this.#encoder.command([command, ...args]);
    const reply = new Promise<Reply>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    if (this.#encoder.byteLength >= FLUSH_BYTES) this.#flush();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      schedule(() => this.#flush());
    }
    return reply;
  }

  /** Resolves when every command given so far has its reply. */
  async settled(): Promise<void> {
    while (this.#head < this.#waiters.length) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  /** Takes the next bytes of replies, cut anywhere. */
  receive(chunk: Uint8Array): void {
    let end = 0;
    for (let at = this.#scanner.scan(chunk, 0); at !== -1; at = this.#scanner.scan(chunk, end)) {
      end = at;
      if (end === chunk.byteLength) break;
    }
    if (end === 0) {
      this.#rest.push(chunk);
      return;
    }
    const complete = chunk.subarray(0, end);
    const bytes = this.#rest.length === 0 ? complete : concat([...this.#rest, complete]);
    this.#rest = end < chunk.byteLength ? [chunk.slice(end)] : [];
    const decoder = new RespDecoder(bytes);
    while (!decoder.done) this.#settle(decoder.next());
    if (this.#head === this.#waiters.length) {
      this.#becomeIdle();
    } else if (this.#head > 10_000) {
      this.#waiters = this.#waiters.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Fails every command that waits. */
  breakDown(message: string): void {
    const waiters = this.#waiters.slice(this.#head);
    this.#becomeIdle();
    this.#rest = [];
    this.#scanner = new FrameScanner();
    for (const waiter of waiters) waiter.reject(new RedisError(message));
  }

  #becomeIdle(): void {
    this.#waiters = [];
    this.#head = 0;
    const resolvers = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of resolvers) resolve();
  }

  #settle(value: unknown): void {
    const waiter = this.#waiters[this.#head++];
    if (value instanceof RespError) waiter.reject(new RedisError(value.message));
    else waiter.resolve(value);
  }

  #flush(): void {
    this.#isScheduled = false;
    if (this.#encoder.byteLength === 0) return;
    const bytes = this.#encoder.take();
    postToHost({ type: "commands", link: this.#link, bytes }, [bytes.buffer]);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  let byteLength = 0;
  for (const part of parts) byteLength += part.byteLength;
  const bytes = new Uint8Array(byteLength);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}
