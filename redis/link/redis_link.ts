/**
 * A connection to Redis that moves raw RESP bytes.
 *
 * The reader of a shard streams through it ({@linkcode RedisLink.write}, {@linkcode
 * RedisLink.read}); others ask and wait ({@linkcode RedisLink.request}). It has no loop of its own:
 * it reads from the socket only while someone waits, so TCP holds back a server that sends faster
 * than it is read.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { concatBytes } from "../bytes.ts";
import {
  checkGreeting,
  closeOnAbort,
  createGreeting,
  openConnection,
  type RedisConnection,
  toUnavailable,
  tryClose,
} from "./handshake.ts";
import type { RedisAddress } from "../redis_url.ts";
import { ReplyQueue } from "./reply_queue.ts";

/** Options of a connection. */
export interface LinkOptions {
  /** Ends connecting; it rejects with the reason of the abort. */
  readonly signal?: AbortSignal;
  /** For all of connecting, AUTH and SELECT; default 5000. */
  readonly timeoutMs?: number;
  /** For CLIENT SETNAME; a server that refuses it does not matter. */
  readonly name?: string;
}

const DEFAULT_TIMEOUT_MS = 5_000;
/** The buffer begins small and doubles while chunks fill it. */
const MIN_BUFFER_BYTES = 16_384;
const MAX_BUFFER_BYTES = 262_144;
/** Bytes up to which chunks are copied together, to be written at once. */
const MAX_GATHERED_BYTES = 65_536;

/**
 * One connection. When it ends, all that wait on it reject with `REDIS_UNAVAILABLE`, and it does
 * not come back.
 *
 * @example
 * ```ts
 * import { Link } from "./redis_link.ts";
 * import { ManagedServer } from "../../servers/managed_server.ts";
 *
 * await using server = await ManagedServer.start();
 * using link = await Link.connect(server.address);
 * await link.request(new TextEncoder().encode("PING\r\n"), 1); // "+PONG\r\n" as bytes
 * ```
 */
export class RedisLink implements Disposable {
  readonly #connection: RedisConnection;
  readonly #replies = new ReplyQueue();
  #buffer = new Uint8Array(MIN_BUFFER_BYTES);
  /** Bytes that arrived behind the last reply that was asked for. */
  #rest: Uint8Array | undefined;
  /** Ends when all writes so far have. */
  #written: Promise<void> = Promise.resolve();
  #unwritten: Uint8Array[] = [];
  #isReading = false;
  /** Reason why the connection is of no more use. */
  #end: PinionError | undefined;

  private constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /**
   * Connects, authenticates and selects the database of the address.
   *
   * @throws {PinionError} `REDIS_UNAVAILABLE` where nothing answers in time, the connection ends or
   * the server is still loading; `REDIS_REFUSED` where the server answers with an error or speaks
   * no RESP.
   */
  static async connect(address: RedisAddress, options: LinkOptions = {}): Promise<RedisLink> {
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    options.signal?.throwIfAborted();
    const attempt = new AbortController();
    const giveUp = () => attempt.abort(options.signal?.reason);
    const timer = setTimeout(() => attempt.abort(timedOut(timeoutMs)), timeoutMs);
    options.signal?.addEventListener("abort", giveUp, { once: true });
    try {
      const connection = await openConnection(address, attempt.signal);
      const link = new RedisLink(connection);
      const greeting = createGreeting(address, options.name);
      await closeOnAbort(connection, attempt.signal, async () => {
        checkGreeting(
          greeting.commands,
          await link.request(greeting.bytes, greeting.commands.length),
        );
      });
      return link;
    } catch (error) {
      throw error instanceof PinionError && error.code === "BAD_FRAME"
        ? new PinionError("REDIS_REFUSED", "The server does not speak RESP", { cause: error })
        : error;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Tells whether the connection has ended. The end is noticed by whoever reads or writes. */
  get closed(): boolean {
    return this.#end !== undefined;
  }

  /**
   * Writes all of the bytes, after those of earlier calls. They must not change meanwhile. The
   * promise is the back-pressure: who does not await it queues without a bound.
   *
   * @throws {PinionError} `REDIS_UNAVAILABLE`
   */
  write(bytes: Uint8Array): Promise<void> {
    this.#unwritten.push(bytes);
    const written = this.#written.then(() => this.#writeGathered());
    this.#written = written.catch(() => {});
    return written;
  }

  /**
   * The next chunk, of 1 byte to 256 KiB, cut anywhere; null once the server has closed. It is a
   * view of a buffer that the next read of the link overwrites: copy what has to last, transfer
   * nothing. One call at a time, and none while a request is outstanding.
   *
   * @throws {PinionError} `REDIS_UNAVAILABLE`
   */
  async read(): Promise<Uint8Array | null> {
    if (this.#isReading) throw this.#end ?? refuseSecondReader();
    this.#isReading = true;
    try {
      return await this.#readChunk();
    } catch (error) {
      throw this.#finish(error);
    } finally {
      this.#isReading = false;
    }
  }

  /**
   * Writes commands and answers the raw bytes of as many frames: the caller's own, errors included,
   * pushed frames not. The bytes are the caller's. Calls may overlap and are answered in order;
   * none while a {@linkcode RedisLink.read} waits.
   *
   * @param replies Frames that the bytes ask for.
   * @throws {PinionError} `REDIS_UNAVAILABLE`, or `BAD_FRAME`, after which the link is closed.
   */
  async request(bytes: Uint8Array, replies: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#end !== undefined) throw this.#end;
    if (this.#isReading && this.#replies.size === 0) throw refuseSecondReader();
    if (replies === 0) {
      await this.write(bytes);
      return new Uint8Array();
    }
    const answered = this.#replies.add(replies);
    this.write(bytes).catch(() => {});
    if (!this.#isReading) this.#answer();
    return await answered;
  }

  /** Closes the connection. What is outstanding rejects. */
  close(): void {
    this.#finish(new PinionError("REDIS_UNAVAILABLE", "The link to Redis was closed"));
  }

  /** As {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Reads until no request waits. */
  async #answer(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#replies.size > 0) {
        const chunk = await this.#readChunk();
        if (chunk === null) throw new Deno.errors.UnexpectedEof();
        const taken = this.#replies.push(chunk);
        if (taken < chunk.length) this.#rest = chunk.slice(taken);
      }
    } catch (error) {
      this.#finish(error);
    } finally {
      this.#isReading = false;
    }
  }

  async #readChunk(): Promise<Uint8Array | null> {
    const rest = this.#rest;
    if (rest !== undefined) {
      this.#rest = undefined;
      return rest;
    }
    if (this.#end !== undefined) throw this.#end;
    const size = await this.#connection.read(this.#buffer);
    if (size === null) return null;
    const chunk = this.#buffer.subarray(0, size);
    if (size === this.#buffer.length && size < MAX_BUFFER_BYTES) {
      this.#buffer = new Uint8Array(size * 2);
    }
    return chunk;
  }

  /**
   * Writes what was given since the last time; small parts together, since each write has a cost.
   */
  async #writeGathered(): Promise<void> {
    const parts = this.#unwritten;
    this.#unwritten = [];
    // Parts that went with earlier ones have failed with them.
    if (this.#end !== undefined) throw this.#end;
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    if (parts.length > 1 && size <= MAX_GATHERED_BYTES) {
      return await this.#writeAll(concatBytes(parts));
    }
    for (const part of parts) await this.#writeAll(part);
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    if (this.#end !== undefined) throw this.#end;
    try {
      let at = 0;
      while (at < bytes.length) at += await this.#connection.write(bytes.subarray(at));
    } catch (error) {
      throw this.#finish(error);
    }
  }

  /** Ends the connection for the first reason that is given; that reason. */
  #finish(error: unknown): PinionError {
    if (this.#end !== undefined) return this.#end;
    this.#end = toUnavailable(error);
    tryClose(this.#connection);
    this.#replies.fail(this.#end);
    return this.#end;
  }
}

function refuseSecondReader(): PinionError {
  return new PinionError("INTERNAL", "Cannot read from a link: expected one reader, got two");
}

function timedOut(timeoutMs: number): PinionError {
  return new PinionError(
    "REDIS_UNAVAILABLE",
    `Redis cannot be reached: nothing answered within ${timeoutMs} ms`,
  );
}
