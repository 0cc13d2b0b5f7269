/**
 * The Redis side of one client: passes its commands on, and knows when and whether a command of ours
 * may take its turn.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { RedisAddress } from "../../../redis/redis_url.ts";
import { RespEncoder } from "../../../redis/resp_encoder.ts";
import type { ClientSink } from "../requests/client_sink.ts";
import { ClientState } from "../replies/client_state.ts";
import type { PassThroughRow } from "../requests/pass_through_table.ts";
import { ReplyTracker } from "./reply_tracker.ts";
import type { ReplyMode, RunNote } from "../requests/request_scanner.ts";
import type { RespLimits } from "../replies/resp_limits.ts";
import { type CommandAccess, RightsCheck } from "./rights_check.ts";
import { isSubscriber } from "./subscriber_probe.ts";
import { Upstream } from "./upstream.ts";

/** What a Redis side works with. */
export interface PassThroughOptions {
  /** Where Redis is; its credentials are the runtime's and not used. */
  readonly redis: RedisAddress;
  /** Sizes and times. */
  readonly limits: RespLimits;
  /** Where what Redis sends goes. */
  readonly sink: ClientSink;
  /** Called when Redis ended a connection that held something of the client's. */
  readonly onEnd: () => void;
}

/** What RedisGears says in a transaction. */
const NO_MULTI = "Can not run gears inside a multi exec, lua, or when blocking is not allowed";
/** A command that no Redis knows: in a transaction, it makes EXEC fail. */
const UNKNOWN_COMMAND = "RG.NOT_INSIDE_MULTI";
/** Replies to learn from that may be outstanding before the client has to wait. */
const MAX_NOTED = 4096;
const decoder = new TextDecoder();

/** See the module. */
export class PassThrough {
  readonly #options: PassThroughOptions;
  readonly #rights: RightsCheck;
  #state = new ClientState();
  #tracker = new ReplyTracker(this.#state);
  #upstream: Upstream;
  /** Redis holds state of the client's: user, database, watched keys. */
  #isStateful = false;
  #isEndExpected = false;
  /** The command that goes alone, if it is one of these. */
  #ending: "quit" | "shutdown" | undefined;

  /** Opens no connection yet. */
  constructor(options: PassThroughOptions) {
    this.#options = options;
    this.#rights = new RightsCheck(options.limits.rightsMs);
    this.#upstream = this.#createUpstream();
  }

  /** What is known of the client's connection. */
  get state(): ClientState {
    return this.#state;
  }

  /** Whether everything the client sends goes to Redis unseen. */
  get isOpaque(): boolean {
    return this.#tracker.mode === "opaque";
  }

  /** Whether it is known which frame of Redis is the reply to what. */
  get isCounted(): boolean {
    return this.#tracker.mode === "synced";
  }

  /** Whether Redis owes the client a reply, or may send messages. */
  get isBusy(): boolean {
    return this.#tracker.mode !== "synced" || this.#tracker.outstanding > 0;
  }

  /** Whether Redis owes the client a reply. */
  get isOwing(): boolean {
    return this.#tracker.outstanding > 0;
  }

  /** Whether a command of ours may take its turn now, without {@linkcode takeTurn}. */
  get isFree(): boolean {
    return this.isCounted && this.#tracker.outstanding === 0 && !this.#state.isInMulti;
  }

  /** Whether the client need not be told that Redis has ended the connection. */
  get isEndExpected(): boolean {
    return this.#isEndExpected;
  }

  /** Resolves when there is no connection to Redis any more, or none yet. */
  ended(): Promise<void> {
    return this.#upstream.ended();
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
    this.#isStateful = true;
    if (this.#tracker.noted >= MAX_NOTED) await this.settle();
    if (commands > 0 && this.#state.isReplySkipped) {
      this.#state.isReplySkipped = false;
      this.#tracker.noteNext("drop");
    }
    for (const { index, note } of notes) this.#tracker.noteNext(note, index);
    await this.#upstream.forward(bytes, commands);
  }

  /** Resolves when every reply so far is with the client. @throws {PinionError} `REDIS_UNAVAILABLE` */
  settle(): Promise<void> {
    return this.#upstream.settle();
  }

  /**
   * Waits as {@linkcode settle} for a command that went alone; after QUIT, until Redis has ended the
   * connection.
   *
   * @throws {PinionError} `REDIS_UNAVAILABLE`
   */
  async settleAlone(): Promise<void> {
    const ending = this.#ending;
    this.#ending = undefined;
    this.#isEndExpected = ending !== undefined;
    await this.settle();
    if (ending === "quit") await this.ended();
    this.#isEndExpected = false;
  }

  /**
   * Gets ready for a command of the table, which is to be forwarded next.
   *
   * @throws {PinionError} `REDIS_UNAVAILABLE`
   */
  async prepare({ effect, note }: PassThroughRow): Promise<void> {
    const tracker = this.#tracker;
    switch (effect) {
      case "auth":
        return this.#rights.invalidate();
      case "quit":
      case "shutdown":
        this.#ending = effect;
        return;
      case "replicate":
        await this.settle();
        return tracker.becomeOpaque();
      case "subscribe":
        await this.settle();
        if (this.#state.isInMulti) this.#state.isSubscribeQueued = true;
        else tracker.beginPiping();
        return;
      case "attack":
        return;
      case "transaction":
        await this.#resync();
        return note && tracker.noteNext(note);
      case "hello":
        this.#rights.invalidate();
        await this.#resync();
        return tracker.noteNext("hello");
      case "reset":
        this.#rights.invalidate();
        await this.#resync();
        tracker.awaitReset();
        return tracker.noteNext("reset");
      case "monitor":
        await this.#resync();
        await this.settle();
        return tracker.noteNext("monitor");
      default:
        effect satisfies never;
    }
  }

  /**
   * CLIENT REPLY is done here, so that the replies of Redis can still be counted: Redis is asked to
   * reply, as whoever may do the one may do the other, and what the client does not want is dropped.
   *
   * @returns the reply, if there is one
   * @throws {PinionError} `REDIS_UNAVAILABLE`
   */
  async changeReplyMode(mode: ReplyMode): Promise<Uint8Array | undefined> {
    await this.settle();
    this.#isStateful = true;
    if (!await this.#resync()) {
      const encoder = new RespEncoder(64);
      encoder.command(["CLIENT", "REPLY", mode]);
      await this.forward(encoder.take(), 1);
      return undefined;
    }
    const frame = await this.#upstream.ask(["CLIENT", "REPLY", "ON"]);
    const state = this.#state;
    if (decoder.decode(frame) !== "+OK\r\n") return state.isReplyOff ? undefined : frame;
    state.isReplyOff = mode === "OFF" || (mode === "SKIP" && state.isReplyOff);
    state.isReplySkipped = mode === "SKIP";
    return mode === "ON" ? frame : undefined;
  }

  /**
   * Waits for the turn of a command of ours.
   *
   * @param name For the error in subscriber mode.
   * @throws {PinionError} `NO_MULTI`, `BAD_ARGUMENT` in subscriber mode, `REDIS_UNAVAILABLE`
   */
  async takeTurn(name: string): Promise<void> {
    await this.settle();
    if (this.isOpaque) {
      throw new PinionError("UNSUPPORTED", "Cannot run RG commands on this connection any more");
    }
    if (!await this.#resync()) {
      throw new PinionError(
        "BAD_ARGUMENT",
        `Can't execute '${name.toLowerCase()}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / ` +
          "QUIT / RESET are allowed in this context",
      );
    }
    if (!this.#state.isInMulti) return;
    await this.#upstream.ask([UNKNOWN_COMMAND]);
    throw new PinionError("NO_MULTI", NO_MULTI);
  }

  /**
   * Makes sure that the client may run a command of ours.
   *
   * @throws {PinionError} what `RightsCheck.check` throws
   */
  async admit(access: CommandAccess): Promise<void> {
    if (access !== "open") await this.#rights.check(this.#upstream, access);
  }

  /** Whether {@linkcode admit} would let it pass without asking. */
  isAdmitted(access: CommandAccess): boolean {
    return access === "open" || this.#rights.isGranted;
  }

  /** The client sends nothing more: Redis answers what it has and ends the connection. */
  closeWrite(): Promise<void> {
    this.#isEndExpected = true;
    return this.#upstream.closeWrite();
  }

  /** Closes the connection to Redis at once. */
  close(): void {
    this.#upstream.close();
  }

  /** Counts frames again if that is possible: not for a RESP2 subscriber, which is false. */
  async #resync(): Promise<boolean> {
    if (this.#tracker.mode !== "piping") return true;
    if (await isSubscriber(this.#upstream)) return false;
    this.#tracker.resync();
    return true;
  }

  #createUpstream(): Upstream {
    const { redis, limits, sink, onEnd } = this.#options;
    const tracker = this.#tracker;
    const end = () => {
      if (this.#isStateful) return onEnd();
      // Only our own questions went over it, so the client need not know.
      this.#state = new ClientState();
      this.#tracker = new ReplyTracker(this.#state);
      this.#upstream = this.#createUpstream();
    };
    return new Upstream({ redis, limits, sink, tracker, onEnd: end });
  }
}
