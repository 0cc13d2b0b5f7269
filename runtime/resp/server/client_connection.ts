/**
 * One client of the RESP adapter: tells what goes to Redis from what is ours, and keeps the replies
 * in the order of the commands.
 *
 * ```text
 *   client ─► ClientReader ─► RequestScanner ─┬─ runs of bytes ─► PassThrough ─► Redis
 *                                             └─ RG.* ─► CommandAnswerer  │
 *   client ◄───── ClientSink ◄─────────────────────────────┴──────────────┘
 * ```
 *
 * A command of ours is a barrier, as a blocking command is in Redis: it begins when all that was
 * sent before it is answered, and what follows it waits. So nothing has to be queued or merged; all
 * that one client can make us hold is two read buffers and one command of ours.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { tryClose } from "../../../redis/link/handshake.ts";
import type { RedisAddress } from "../../../redis/redis_url.ts";
import type { Engine } from "../../engine/engine.ts";
import { PassThrough } from "../proxy/command_proxy.ts";
import { RedisSide } from "../proxy/redis_side.ts";
import { RightsCheck } from "../proxy/rights_check.ts";
import { TurnGate } from "../proxy/turn_gate.ts";
import type { RespLimits } from "../replies/resp_limits.ts";
import { ClientSink } from "../requests/client_sink.ts";
import { type RequestPiece, RequestScanner } from "../requests/request_scanner.ts";
import { ClientReader } from "./client_reader.ts";
import { CommandAnswerer } from "./command_answerer.ts";
import { DepartureWatch } from "./departure_watch.ts";

/** Services that all connections of an adapter share. */
export interface ClientContext {
  /** Engine that commands of ours are handed to. */
  readonly engine: Engine;
  /** Address that all other commands go to. */
  readonly redis: RedisAddress;
  /** Limits of one client. */
  readonly limits: RespLimits;
  /** Told what failed, with what was thrown if that was not foreseen. */
  readonly log: (message: string, failure?: unknown) => void;
}

/** One client's connection. */
export class ClientConnection {
  readonly #conn: Deno.TcpConn;
  readonly #context: ClientContext;
  readonly #reader: ClientReader;
  readonly #scanner: RequestScanner;
  readonly #sink: ClientSink;
  readonly #redis: PassThrough;
  readonly #departure: DepartureWatch;
  readonly #answerer: CommandAnswerer;
  /** Redis has gone, and with it what it knew of the client. */
  #isRedisLost = false;
  /** Nothing more is done for this client. */
  #isOver = false;

  /** Takes the connection over. */
  constructor(conn: Deno.TcpConn, context: ClientContext) {
    const { engine, limits, redis, log } = context;
    this.#conn = conn;
    this.#context = context;
    this.#reader = new ClientReader(conn, limits.readBufferBytes);
    this.#scanner = new RequestScanner(limits);
    const sink = this.#sink = new ClientSink(conn);
    const side = new RedisSide({ redis, limits, sink, onEnd: () => this.#loseRedis() });
    const rights = new RightsCheck(limits.rightsMs);
    this.#redis = new PassThrough(side, rights);
    const departure = this.#departure = new DepartureWatch(this.#reader, this.#redis);
    this.#answerer = new CommandAnswerer({
      ...{ engine, sink, departure, log },
      gate: new TurnGate(side, rights),
      state: () => side.state,
      maxReplyBytes: limits.maxReplyBytes,
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
    this.#departure.abort();
    this.#sink.close();
    this.#redis.close();
    tryClose(this.#conn);
  }

  /** Closes the connection if it has done nothing for too long. */
  closeIfStale(nowMs: number): void {
    const { maxIdleMs, maxStallMs } = this.#context.limits;
    const readMs = nowMs - this.#reader.lastReadMs;
    const writingSinceMs = this.#sink.writingSinceMs;
    const isWorking = this.#answerer.isCalling || this.#redis.isBusy;
    const isIdle = maxIdleMs > 0 && readMs > maxIdleMs && !isWorking;
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
        return await this.#answerer.admitEarly(this.#scanner.collected);
      }
      if (piece.kind !== "gears") await this.#handle(piece);
      else {
        reader.consume(piece.end);
        await this.#answerer.answer(piece.args);
        if (this.#isRedisLost) this.close();
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
        if (piece.isAlone) await this.#departure.during(this.#redis.settleAlone());
        return;
      }
      case "note":
        if (piece.row.effect === "attack") return this.close();
        return await this.#departure.during(this.#redis.prepare(piece.row));
      case "client reply": {
        reader.consume(piece.end);
        const frame = await this.#departure.during(this.#redis.changeReplyMode(piece.mode));
        return frame && await this.#sink.reply(frame);
      }
      case "refused":
        reader.consume(piece.end);
        await this.#answerer.answer([], piece.error);
        if (this.#isRedisLost) this.close();
        return;
      default:
        piece satisfies never;
    }
  }

  /** Redis has ended the connection. A command of ours that runs is answered first. */
  #loseRedis(): void {
    this.#isRedisLost = true;
    if (this.#answerer.isCalling || this.#isOver) return;
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
        await this.#departure.during(this.#redis.ended());
      }
      if (isSilent || !this.#sink.atBoundary) return;
      await this.#answerer.tell(error);
    } catch {
      // The client is gone as well.
    }
  }
}
