/**
 * The sandbox's end of a Redis connection: encodes commands, matches replies to them in order.
 *
 * Commands that are given in one turn of the loop travel together.
 *
 * @module
 */

import { concatBytes } from "../../../redis/bytes.ts";
import { FrameScanner } from "../../../redis/frame_scanner.ts";
import { RespDecoder, RespError } from "../../../redis/resp_decoder.ts";
import { RespEncoder } from "../../../redis/resp_encoder.ts";
import { GearsError } from "../../../sdk/base/gears_error.ts";
import type { CommandArgument, Reply } from "../../../sdk/host.ts";
import { CHAIN_CHANNEL } from "../../../contract/isolate/messages/chain_channel.ts";
import { MAX_OUTSTANDING_COMMANDS } from "../../../contract/isolate/module_limits.ts";
import type { LinkNumber } from "../../../contract/isolate/worker_border.ts";
import { postToHost } from "../base/border.ts";
import { RedisError } from "../base/redis_error.ts";

/** Encoded bytes that are sent at once, even while more commands are being given. */
const FLUSH_BYTES = 256 * 1024;
/** Answered commands that are kept at the head of the queue. */
const COMPACT_AT = 10_000;

/** A caller that waits for a reply. */
export interface Waiter {
  resolve(reply: Reply): void;
  reject(message: string): void;
  /** Looks at an error first; true where it takes care of it. */
  readonly redirect?: (message: string) => boolean;
}

const schedule = queueMicrotask;
/** Tells the marks of this sandbox from those of others. */
const SANDBOX_NAME = crypto.randomUUID().slice(0, 13);

/** Listeners that are told of a command besides its caller. */
export interface CommandHooks {
  /** Looks at an error first; true where it takes care of it. */
  readonly redirect?: (waiter: Waiter, message: string) => boolean;
  /** Called with the reply; with undefined where the command failed. */
  readonly onReply?: (reply: unknown) => void;
}

const NO_HOOKS: CommandHooks = {};

/** Sends commands and matches their replies. */
export class CommandLink {
  readonly #link: LinkNumber;
  readonly #encoder = new RespEncoder();
  #scanner = new FrameScanner();
  #waiters: Waiter[] = [];
  /** Place of the oldest command without a reply in `#waiters`. */
  #head = 0;
  #isScheduled = false;
  /**
   * Number of times that the connection broke: commands for an earlier one are not sent over the
   * next.
   */
  generation = 0;
  #given = 0;
  #answered = 0;
  #onAnswers: (() => void)[] = [];
  /** The beginning of a reply whose end has not come yet. */
  #rest: Uint8Array[] = [];

  /** Name that its marks are signed with. */
  readonly #sender: string;
  /** Caller that waits for the end of marks; null where none is open. */
  #onMarkRefused: Waiter | null = null;

  constructor(link: LinkNumber) {
    this.#link = link;
    this.#sender = `${SANDBOX_NAME}.${link}`;
  }

  /** Number of commands that were given so far. */
  get given(): number {
    return this.#given;
  }

  /** @throws GearsError if too many wait already for `commands` more */
  requireRoom(commands: number, command: string): void {
    if (this.#waiters.length - this.#head + commands <= MAX_OUTSTANDING_COMMANDS) return;
    throw new GearsError(
      `Cannot execute ${command}: ${MAX_OUTSTANDING_COMMANDS} commands wait for their reply; await some first`,
    );
  }

  /** Sends one command. Rejects with a RedisError. @throws GearsError if too many wait already */
  execute(
    command: string,
    args: readonly CommandArgument[],
    { redirect, onReply }: CommandHooks = NO_HOOKS,
  ): Promise<Reply> {
    this.requireRoom(1, command);
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    let waiter: Waiter = { resolve, reject };
    if (onReply !== undefined) waiter = addReport(waiter, onReply);
    if (redirect !== undefined) {
      const asked: Waiter = { ...waiter, redirect: (message) => redirect(asked, message) };
      waiter = asked;
    }
    this.give(command, args, waiter);
    return promise.then(undefined, raise);
  }

  /**
   * Publishes that the next command writes a key, for an event of this depth; what is given in this
   * turn is followed by the end of all marks. See `runtime/events/chains/chains.ts`.
   */
  mark(depth: number, key: string, onRefused: () => void): void {
    const ignored: Waiter = { resolve() {}, reject: onRefused };
    this.#onMarkRefused = ignored;
    this.give("PUBLISH", [CHAIN_CHANNEL, `${this.#sender} ${depth} ${key}`], ignored);
  }

  /** Sends one command for somebody who waits already. @throws what cannot be encoded */
  give(command: string, args: readonly CommandArgument[], waiter: Waiter): void {
    this.#encoder.command([command, ...args]);
    this.#given++;
    this.#waiters.push(waiter);
    if (this.#encoder.byteLength >= FLUSH_BYTES) this.#flush();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      schedule(() => this.#flush());
    }
  }

  /** Resolves when every command given so far has its reply. */
  async answered(): Promise<void> {
    const target = this.#given;
    while (this.#answered < target) {
      await new Promise<void>((resolve) => this.#onAnswers.push(resolve));
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
    const bytes = this.#rest.length === 0 ? complete : concatBytes([...this.#rest, complete]);
    this.#rest = end < chunk.byteLength ? [chunk.slice(end)] : [];
    const decoder = new RespDecoder(bytes);
    while (!decoder.done) this.#settle(decoder.next());
    if (this.#head === this.#waiters.length || this.#head > COMPACT_AT) {
      this.#waiters = this.#waiters.slice(this.#head);
      this.#head = 0;
    }
    this.#tellAnswers();
  }

  /** Fails every command that waits. */
  breakDown(message: string): void {
    const waiters = this.#waiters.slice(this.#head);
    this.#waiters = [];
    this.#head = 0;
    this.#rest = [];
    this.#scanner = new FrameScanner();
    this.generation++;
    this.#answered += waiters.length;
    for (const waiter of waiters) waiter.reject(message);
    this.#tellAnswers();
  }

  #tellAnswers(): void {
    const resolvers = this.#onAnswers;
    this.#onAnswers = [];
    for (const resolve of resolvers) resolve();
  }

  #settle(value: unknown): void {
    const waiter = this.#waiters[this.#head++];
    this.#answered++;
    if (value instanceof RespError) {
      if (!waiter.redirect?.(value.message)) waiter.reject(value.message);
    } else waiter.resolve(value);
  }

  #flush(): void {
    this.#isScheduled = false;
    if (this.#encoder.byteLength === 0) return;
    if (this.#onMarkRefused !== null) {
      this.#encoder.command(["PUBLISH", CHAIN_CHANNEL, this.#sender]);
      this.#given++;
      this.#waiters.push(this.#onMarkRefused);
      this.#onMarkRefused = null;
    }
    const bytes = this.#encoder.take();
    const { generation } = this;
    postToHost({ type: "commands", link: this.#link, generation, bytes }, [bytes.buffer]);
  }
}

function addReport(waiter: Waiter, onReply: (reply: unknown) => void): Waiter {
  return {
    resolve(reply) {
      onReply(reply);
      waiter.resolve(reply);
    },
    reject(message) {
      onReply(undefined);
      waiter.reject(message);
    },
  };
}

/** Makes the error where the engine knows who awaits it, so that it names the author's place. */
function raise(message: string): never {
  throw new RedisError(message);
}
