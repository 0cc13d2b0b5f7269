/**
 * One client of the RESP adapter: tells what goes to Redis from what is ours, and keeps the replies
 * in the order of the commands.
 *
 * ```text
 *   client ─► ClientReader ─► RequestScanner ─┬─ runs of bytes ─► PassThrough ─► Redis
 *                                             └─ RG.* ─► engine       │
 *   client ◄───── ClientSink ◄──────────────────────────┴─────────────┘
 * ```
 *
 * A command of ours is a barrier, as a blocking command is in Redis: it begins when all that was sent
 * before it is answered, and what follows it waits. So nothing has to be queued or merged; all that
 * one client can make us hold is two read buffers and one command of ours.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { tryClose } from "../../../redis/handshake.ts";
import type { RedisAddress } from "../../../redis/redis_url.ts";
import type { Engine } from "../../engine/engine.ts";
import { ClientReader } from "./client_reader.ts";
import { ClientSink } from "../requests/client_sink.ts";
import { findCommand } from "../commands/command_table.ts";
import { formatError } from "../replies/format_error.ts";
import type { GearsRequest } from "../requests/gears_request.ts";
import { PassThrough } from "../proxy/command_proxy.ts";
import { ReplyWriter, type WriteReply } from "../replies/reply_writer.ts";
import { type RequestPiece, RequestScanner } from "../requests/request_scanner.ts";
import type { RespLimits } from "../replies/resp_limits.ts";
import { resolveCommand, reword, runCommand } from "../commands/run_command.ts";

/** What all connections of an adapter share. */
export interface ClientContext {
  /** What commands of ours are handed to. */
  readonly engine: Engine;
  /** Where all other commands go. */
  readonly redis: RedisAddress;
  /** What a client may hold. */
  readonly limits: RespLimits;
  /** Told what failed, with what was thrown if that was not foreseen. */
  readonly log: (message: string, failure?: unknown) => void;
}

/** Announced length from which a command of ours is not collected without rights. */
const EARLY_CHECK_BYTES = 64 * 1024;
/** How long Redis has to answer a client that has left already. */
const LINGER_MS = 1_000;
const decoder = new TextDecoder();

/** One client's connection. */
export class ClientConnection {
  readonly #conn: Deno.TcpConn;
  readonly #context: ClientContext;
  readonly #reader: ClientReader;
  readonly #scanner: RequestScanner;
  readonly #sink: ClientSink;
  readonly #redis: PassThrough;
  /** Aborted when the client is gone. */
  readonly #gone = new AbortController();
  /** The last command whose client was found to have the rights before it was complete. */
  #admitted: GearsRequest | undefined;
  /** What commands of ours are run with. */
  readonly #calls: { readonly engine: Engine; readonly signal: AbortSignal };
  /** Ends the connection to Redis of a client that has left. */
  #lingering: ReturnType<typeof setTimeout> | undefined;
  /** A command of ours is being run. */
  #isCalling = false;
  /** Redis has gone, and with it what it knew of the client. */
  #isRedisLost = false;
  /** Nothing more is done for this client. */
  #isOver = false;

  /** Takes the connection over. */
  constructor(conn: Deno.TcpConn, context: ClientContext) {
    const { limits, redis } = context;
    this.#conn = conn;
    this.#context = context;
    this.#calls = { engine: context.engine, signal: this.#gone.signal };
    this.#reader = new ClientReader(conn, limits.readBufferBytes);
    this.#scanner = new RequestScanner(limits);
    this.#sink = new ClientSink(conn);
    this.#redis = new PassThrough({
      redis,
      limits,
      sink: this.#sink,
      onEnd: () => this.#loseRedis(),
    });
  }

  /** Serves the client until either side ends. Never rejects. */
  async run(): Promise<void> {
    try {
      while (!this.#isOver && await this.#reader.more()) await this.#consume();
      if (!this.#isOver) await this.#redis.closeWrite();
      if (!this.#isOver) await this.#redis.ended();
    } catch (error) {
      await this.#breakOff(error);
    }
    this.close();
    await this.#redis.ended();
  }

  /** Closes the connection at once, and aborts what runs for it. */
  close(): void {
    this.#isOver = true;
    this.#gone.abort();
    this.#sink.close();
    this.#redis.close();
    tryClose(this.#conn);
  }

  /** Closes the connection if it has done nothing for too long. */
  closeIfStale(nowMs: number): void {
    const { maxIdleMs, maxStallMs } = this.#context.limits;
    const readMs = nowMs - this.#reader.lastReadMs;
    const writingSinceMs = this.#sink.writingSinceMs;
    const isIdle = maxIdleMs > 0 && readMs > maxIdleMs && !this.#isCalling && !this.#redis.isBusy;
    const isHalf = this.#scanner.collected !== undefined && readMs > maxStallMs;
    const isFull = writingSinceMs > 0 && nowMs - writingSinceMs > maxStallMs;
    if (isIdle || isHalf || isFull) this.close();
  }

  /** Works off what was read, up to a command that is not complete. */
  async #consume(): Promise<void> {
    const reader = this.#reader;
    while (reader.start < reader.end && !this.#isOver) {
      const piece: RequestPiece = this.#redis.isOpaque
        ? { kind: "forward", end: reader.end, commands: 0, notes: [], isAlone: false }
        : this.#scanner.scan(reader.buffer, reader.start, reader.end, this.#redis.isCounted);
      if (piece.kind === "more") {
        reader.consume(piece.end);
        return await this.#admitEarly();
      }
      if (piece.kind !== "gears") await this.#handle(piece);
      else {
        reader.consume(piece.end);
        await this.#answer(piece.args);
      }
    }
  }

  async #handle(piece: Exclude<RequestPiece, { kind: "more" | "gears" }>): Promise<void> {
    const reader = this.#reader;
    switch (piece.kind) {
      case "forward": {
        const bytes = reader.buffer.subarray(reader.start, piece.end);
        await this.#redis.forward(bytes, piece.commands, piece.notes);
        reader.consume(piece.end);
        if (piece.isAlone) await this.#attend(this.#redis.settleAlone());
        return;
      }
      case "note":
        if (piece.row.effect === "attack") return this.close();
        return await this.#attend(this.#redis.prepare(piece.row));
      case "client reply": {
        reader.consume(piece.end);
        const frame = await this.#attend(this.#redis.changeReplyMode(piece.mode));
        return frame && await this.#sink.reply(frame);
      }
      case "refused":
        reader.consume(piece.end);
        return await this.#answer([], piece.error);
      default:
        piece satisfies never;
    }
  }

  /** Nobody gets to fill our memory with a long script before it is known that he may run it. */
  async #admitEarly(): Promise<void> {
    const request = this.#scanner.collected;
    if (request === undefined || request === this.#admitted) return;
    if (request.totalBytes < EARLY_CHECK_BYTES) return;
    this.#admitted = request;
    try {
      await this.#attend(this.#redis.takeTurn("rg.*"));
      await this.#attend(this.#redis.admit("redis"));
    } catch (error) {
      request.refuse(PinionError.from(error));
    }
  }

  /**
   * Runs a command of ours when its turn has come, and sends what came of it.
   *
   * @param refusal Why it is not to be run.
   */
  async #answer(args: readonly Uint8Array[], refusal?: PinionError): Promise<void> {
    let reply: Uint8Array;
    try {
      if (!this.#redis.isFree) await this.#takeTurn(args);
      if (refusal !== undefined) throw refusal;
      const row = resolveCommand(args);
      if (!this.#redis.isAdmitted(row.access)) await this.#attend(this.#redis.admit(row.access));
      this.#isCalling = true;
      this.#reader.watch(this.#leave);
      try {
        const written = runCommand(row, args, this.#calls);
        reply = this.#encode(written instanceof Promise ? await written : written);
      } catch (error) {
        throw reword(row, error);
      } finally {
        this.#isCalling = false;
        this.#stay();
      }
    } catch (error) {
      if (PinionError.from(error).code === "INTERNAL") {
        this.#context.log("A RESP command failed", error);
      }
      reply = this.#encode((writer) => writer.error(formatError(error)));
    }
    const { state } = this.#redis;
    if (state.isReplySkipped) state.isReplySkipped = false;
    else if (!state.isReplyOff) await this.#sink.reply(reply);
    if (this.#isRedisLost) this.close();
  }

  #encode(write: WriteReply): Uint8Array {
    const writer = new ReplyWriter(this.#redis.state.protocol, this.#context.limits.maxReplyBytes);
    write(writer);
    return writer.finish();
  }

  /** Waits until a command of ours may begin. @throws {PinionError} why it may not */
  async #takeTurn([name]: readonly Uint8Array[]): Promise<void> {
    const text = name === undefined ? "rg.*" : decoder.decode(name);
    try {
      await this.#attend(this.#redis.takeTurn(text));
    } catch (error) {
      throw reword(findCommand(text), error);
    }
  }

  /**
   * Waits; a client that leaves meanwhile is noticed. What it sent before is still worked off, so
   * Redis is told only after a while, in case it waits for something that never comes.
   */
  async #attend<T>(work: Promise<T>): Promise<T> {
    this.#reader.watch(this.#leave);
    try {
      return await work;
    } finally {
      this.#stay();
    }
  }

  /** The client has left while it waits. */
  readonly #leave = (): void => {
    this.#gone.abort();
    this.#lingering = setTimeout(() => this.#redis.closeWrite(), LINGER_MS);
  };

  /** The wait is over. */
  #stay(): void {
    this.#reader.unwatch();
    if (this.#lingering === undefined) return;
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
  }

  /** Redis has ended the connection. A command of ours that runs is answered first. */
  #loseRedis(): void {
    this.#isRedisLost = true;
    if (this.#isCalling || this.#isOver) return;
    const error = new PinionError("REDIS_UNAVAILABLE", "Redis closed the connection");
    const told = this.#redis.isOwing ? this.#breakOff(error) : Promise.resolve();
    told.then(() => this.close());
  }

  /** Tells the client why it ends here. */
  async #breakOff(error: unknown): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const { code } = PinionError.from(error);
    if (code === "INTERNAL") this.#context.log("A RESP client failed", error);
    const { isReplyOff, isReplySkipped } = this.#redis.state;
    const isSilent = this.#redis.isEndExpected || isReplyOff || isReplySkipped;
    try {
      if (code === "BAD_FRAME") {
        await this.#redis.closeWrite();
        await this.#attend(this.#redis.ended());
      }
      if (isSilent || !this.#sink.atBoundary) return;
      await this.#sink.reply(this.#encode((writer) => writer.error(formatError(error))));
    } catch {
      // The client is gone as well.
    }
  }
}
