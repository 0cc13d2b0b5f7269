/**
 * Passes one client's commands on to Redis, and gets ready for those that change how its replies
 * are counted.
 *
 * @module
 */

import { RespEncoder } from "../../../redis/resp_encoder.ts";
import type { ClientState } from "../replies/client_state.ts";
import type { PassThroughRow } from "../requests/pass_through_table.ts";
import type { ReplyMode, RunNote } from "../requests/request_scanner.ts";
import type { RedisSide } from "./redis_side.ts";
import type { RightsCheck } from "./rights_check.ts";

/** Replies to learn from that may be outstanding before the client has to wait. */
const MAX_NOTED = 4096;
const decoder = new TextDecoder();

/** Passes one client's commands on to Redis. */
export class PassThrough {
  readonly #side: RedisSide;
  readonly #rights: RightsCheck;
  #isEndExpected = false;
  /** The command that goes alone, if it is one of these. */
  #ending: "quit" | "shutdown" | undefined;

  /** Uses what the client has at Redis; its rights may change by what it sends. */
  constructor(side: RedisSide, rights: RightsCheck) {
    this.#side = side;
    this.#rights = rights;
  }

  /** State of the client's connection. */
  get state(): ClientState {
    return this.#side.state;
  }

  /** Tells whether everything the client sends goes to Redis unseen. */
  get isOpaque(): boolean {
    return this.#side.tracker.mode === "opaque";
  }

  /** Tells whether it is known which frame of Redis is the reply to what. */
  get isCounted(): boolean {
    return this.#side.tracker.mode === "synced";
  }

  /** Tells whether Redis owes the client a reply, or may send messages. */
  get isBusy(): boolean {
    return !this.isCounted || this.isOwing;
  }

  /** Tells whether Redis owes the client a reply. */
  get isOwing(): boolean {
    return this.#side.tracker.outstanding > 0;
  }

  /** Tells whether the client need not be told that Redis has ended the connection. */
  get isEndExpected(): boolean {
    return this.#isEndExpected;
  }

  /** Resolves when there is no connection to Redis any more, or none yet. */
  ended(): Promise<void> {
    return this.#side.upstream.ended();
  }

  /**
   * Passes bytes on.
   *
   * @param commands How many commands begin in them, and what there is to learn from their replies.
   * @throws {PinionError} `REDIS_UNAVAILABLE`
   */
  async forward(
    bytes: Uint8Array,
    commands: number,
    notes: readonly RunNote[] = [],
  ): Promise<void> {
    const side = this.#side;
    side.hold();
    if (side.tracker.noted >= MAX_NOTED) await this.#settle();
    if (commands > 0 && side.state.isReplySkipped) {
      side.state.isReplySkipped = false;
      side.tracker.noteNext("drop");
    }
    for (const { index, note } of notes) side.tracker.noteNext(note, index);
    await side.upstream.forward(bytes, commands);
  }

  /**
   * Waits until every reply so far is with the client, for a command that went alone; after QUIT,
   * until Redis has ended the connection.
   *
   * @throws {PinionError} `REDIS_UNAVAILABLE`
   */
  async settleAlone(): Promise<void> {
    const ending = this.#ending;
    this.#ending = undefined;
    this.#isEndExpected = ending !== undefined;
    await this.#settle();
    if (ending === "quit") await this.ended();
    this.#isEndExpected = false;
  }

  /**
   * Gets ready for a command of the table, which is to be forwarded next.
   *
   * @throws {PinionError} `REDIS_UNAVAILABLE`
   */
  async prepare({ effect, note }: PassThroughRow): Promise<void> {
    const { tracker } = this.#side;
    switch (effect) {
      case "auth":
        return this.#rights.invalidate();
      case "quit":
      case "shutdown":
        this.#ending = effect;
        return;
      case "replicate":
        await this.#settle();
        return tracker.becomeOpaque();
      case "subscribe":
        await this.#settle();
        if (this.state.isInMulti) this.state.isSubscribeQueued = true;
        else tracker.beginPiping();
        return;
      case "attack":
        return;
      case "transaction":
        await this.#side.resync();
        return note && tracker.noteNext(note);
      case "hello":
        this.#rights.invalidate();
        await this.#side.resync();
        return tracker.noteNext("hello");
      case "reset":
        this.#rights.invalidate();
        await this.#side.resync();
        tracker.awaitReset();
        return tracker.noteNext("reset");
      case "monitor":
        await this.#side.resync();
        await this.#settle();
        return tracker.noteNext("monitor");
      default:
        effect satisfies never;
    }
  }

  /**
   * CLIENT REPLY is done here, so that the replies of Redis can still be counted: Redis is asked to
   * reply, as whoever may do the one may do the other, and what the client does not want is
   * dropped.
   *
   * @returns the reply, if there is one
   * @throws {PinionError} `REDIS_UNAVAILABLE`
   */
  async changeReplyMode(mode: ReplyMode): Promise<Uint8Array | undefined> {
    await this.#settle();
    this.#side.hold();
    if (!await this.#side.resync()) {
      const encoder = new RespEncoder(64);
      encoder.command(["CLIENT", "REPLY", mode]);
      await this.forward(encoder.take(), 1);
      return undefined;
    }
    const frame = await this.#side.upstream.ask(["CLIENT", "REPLY", "ON"]);
    const { state } = this;
    if (decoder.decode(frame) !== "+OK\r\n") return state.isReplyOff ? undefined : frame;
    state.isReplyOff = mode === "OFF" || (mode === "SKIP" && state.isReplyOff);
    state.isReplySkipped = mode === "SKIP";
    return mode === "ON" ? frame : undefined;
  }

  /** The client sends nothing more: Redis answers what it has and ends the connection. */
  closeWrite(): Promise<void> {
    this.#isEndExpected = true;
    return this.#side.upstream.closeWrite();
  }

  /** Closes the connection to Redis at once. */
  close(): void {
    this.#side.upstream.close();
  }

  /** Every reply so far is with the client. @throws {PinionError} `REDIS_UNAVAILABLE` */
  #settle(): Promise<void> {
    return this.#side.upstream.settle();
  }
}
