/**
 * One other shard's runtime: the links to it, one after the other, and the session that they carry.
 *
 * ```text
 *            link                 link breaks
 *  awaited ────────► linked ◄──────────────────► broken
 *     │                │         link, resumes      │
 *     │ silence        │ goodbye, another           │ silence, forgotten
 *     │                ▼ runtime, protocol broken   │
 *     └────────────► lost ◄─────────────────────────┘        lost ──link──► linked, a new session
 * ```
 *
 * Of two runtimes the one whose shard id is less dials (`dialler.ts`); the other one waits.
 *
 * @module
 */

import { delay } from "@std/async";
import { PinionError } from "../../../errors.ts";
import { type Dial, Dialler } from "./dialler.ts";
import type { Acquaintance, Self } from "../hello/greet.ts";
import { type Hello, type LinkPosition, refuse, type Welcome } from "../hello/hello_messages.ts";
import type { MeshLimits, MeshTimings } from "../mesh_limits.ts";
import { FRAME, type Frame } from "../link/mesh_frames.ts";
import type { FrameLink } from "../link/peer_link.ts";
import type { PeerAddress, PeerStats } from "../mesh.ts";
import type { Handlers } from "../exchange/handlers.ts";
import { Exchange } from "../exchange/exchange.ts";
import { countTraffic } from "../exchange/traffic.ts";

/** Time for which a peer has to end a link after this side's goodbye, in milliseconds. */
const GOODBYE_MS = 200;

/** Services that all peers of a mesh share. */
export interface PeerContext {
  readonly self: Self;
  readonly limits: MeshLimits;
  readonly timings: MeshTimings;
  readonly handlers: Handlers;
  readonly dial: Dial;
  readonly onLinked: (shardId: string) => void;
  readonly onLost: (shardId: string, reason: PinionError) => void;
  readonly onLog: (message: string, failure?: unknown) => void;
}

/** One other shard's runtime: its links and its exchange. */
export class Peer {
  readonly shardId: string;
  readonly #context: PeerContext;
  readonly #traffic = countTraffic();
  /** Null where the other side dials. */
  readonly #dialler: Dialler | null;
  #address: PeerAddress;
  #status: "awaited" | "linked" | "broken" | "lost" = "awaited";
  #exchange: Exchange;
  #resumes = false;
  /** The link in use. */
  #frames: FrameLink | null = null;
  /** When something came from it, or when it was first waited for. */
  #heardAt = performance.now();
  /** The runtime at the other end, as it introduced itself. */
  #hello: Hello | null = null;
  /** Reason why the last attempt to link failed. */
  #failure = "";
  /** Reason of failed attempts to link, the time of the first, and whether it was logged. */
  #refusal = { why: "", since: 0, isSaid: false };
  /** Resolves when the link that came last has ended. */
  #loop: Promise<void> = Promise.resolve();

  constructor(shardId: string, address: PeerAddress, context: PeerContext) {
    this.shardId = shardId;
    this.#address = address;
    this.#context = context;
    const isDialler = context.self.shardId < shardId;
    this.#exchange = this.#openSession();
    if (isDialler) this.#exchange.id = crypto.randomUUID();
    this.#dialler = isDialler ? this.#startDialling() : null;
  }

  /** Address of its mesh. */
  get url(): string {
    return this.#address.url;
  }

  get isLinked(): boolean {
    return this.#status === "linked";
  }

  /**
   * Exchange that requests and channels begin in. One that has failed already where the peer is
   * lost. One that has failed already where the peer is lost.
   */
  get exchange(): Exchange {
    return this.#exchange;
  }

  get stats(): PeerStats {
    const { sentBytes, sentFrames, receivedBytes, receivedFrames, resentFrames, links } =
      this.#traffic;
    return {
      shardId: this.shardId,
      isLinked: this.isLinked,
      sentBytes,
      sentFrames,
      receivedBytes,
      receivedFrames,
      resentFrames,
      reconnects: Math.max(0, links - 1),
      ...this.#exchange.state,
    };
  }

  /**
   * Membership says who acts for the shard now. An older epoch than is known says nothing; a newer
   * one of the same address is the same runtime with a new lease, or one that has no link yet.
   */
  move(address: PeerAddress): void {
    const { url, epoch } = this.#address;
    if (address.epoch < epoch || (address.epoch === epoch && address.url === url)) return;
    this.#address = address;
    const isLinkedWithIt = address.epoch > epoch && this.#hello !== null &&
      this.#hello.epoch >= address.epoch;
    if (isLinkedWithIt || (address.url === url && this.#status !== "lost")) return;
    if (this.#status !== "awaited") {
      this.lose("another runtime acts for it now");
      this.#exchange = this.#openSession();
      if (this.#dialler !== null) this.#exchange.id = crypto.randomUUID();
      this.#status = "awaited";
    }
    this.#heard();
    this.#dialler?.hurry();
  }

  /**
   * Decides how to go on with a dialler that has proven who it is.
   *
   * @throws `MESH_REFUSED` where another runtime acts for its shard
   */
  admit(hello: Hello, position: LinkPosition): Welcome {
    if (this.#dialler !== null) throw refuse("this runtime is the one that dials");
    if (hello.epoch < Math.max(this.#address.epoch, this.#hello?.epoch ?? 0)) {
      throw refuse("its lease is older than that of the runtime that acts for its shard");
    }
    this.#dropLink();
    const isKnown = this.#exchange.id === position.session;
    if (!isKnown) {
      if (this.#exchange.id !== null) this.lose(this.#explainNewSession(hello));
      if (this.#status === "lost") this.#exchange = this.#openSession();
      this.#exchange.id = position.resumes ? position.next : position.session;
    }
    return { session: this.#exchange.id!, received: this.#exchange.lastReceived };
  }

  /** Goes on over a link until it ends. Never throws. */
  run(frames: FrameLink, acquaintance: Acquaintance): Promise<void> {
    this.#dropLink();
    this.#frames = frames;
    return this.#loop = this.#follow(frames, acquaintance);
  }

  /**
   * Does what is due.
   *
   * @param stalledMs How long this process did not run: silence of that time says nothing.
   */
  tick(stalledMs: number): void {
    this.#heardAt += stalledMs;
    const { silenceMs, lostAfterMs } = this.#context.timings;
    const silentMs = performance.now() - this.#heardAt;
    if (this.isLinked && silentMs > silenceMs) {
      this.#failure = `nothing came for ${Math.round(silentMs)} ms`;
      this.#dropLink();
    }
    if (this.isLinked) this.#exchange.heartbeat();
    else if (this.#status !== "lost" && silentMs > lostAfterMs) {
      const why = this.#failure === "" ? "it did not link" : this.#failure;
      this.lose(`not heard for ${Math.round(silentMs)} ms (${why})`);
    }
  }

  /** Takes it for lost: what is under way with it fails. */
  lose(why: string): void {
    if (this.#status === "lost") return;
    const { onLost } = this.#context;
    const reason = new PinionError("SHARD_LOST", `Shard ${this.shardId} is lost: ${why}`);
    this.#status = "lost";
    this.#resumes = false;
    this.#dropLink();
    this.#exchange.fail(reason);
    // Whatever the peer still has of this session, it is not gone on with.
    this.#exchange.id = this.#dialler === null ? null : crypto.randomUUID();
    onLost(this.shardId, reason);
  }

  /** Ends for good; the peer is told. */
  async stop(why: string): Promise<void> {
    const dialling = this.#dialler?.stop();
    const frames = this.#frames;
    // It is used no more, but stays open until the peer has read the goodbye.
    this.#frames = null;
    this.#exchange.detach();
    this.lose(why);
    if (frames !== null) {
      frames.send({ type: FRAME.goodbye }, new Uint8Array());
      frames.link.end();
      const waited = new AbortController();
      await Promise.race([this.#loop, delay(GOODBYE_MS, waited)]);
      waited.abort();
      frames.link.close();
    }
    await Promise.all([this.#loop, dialling]);
  }

  async #follow(frames: FrameLink, { hello, received }: Acquaintance): Promise<void> {
    this.#hello = hello;
    this.#heard();
    this.#traffic.links++;
    const exchange = this.#exchange;
    try {
      exchange.attach(frames.link, { received, windowBytes: hello.windowBytes });
      this.#setLinked();
      await frames.forEach((frame) => this.#receive(frames, exchange, frame), (byteLength) => {
        this.#traffic.receivedBytes += byteLength;
        if (this.#frames === frames) this.#heard();
      });
    } catch (error) {
      if (this.#frames === frames) this.#failure = explain(error);
      // Where a session's frames do not fit together, the next link would not mend them.
      if (
        this.#frames === frames && (error instanceof RangeError || error instanceof ProtocolError)
      ) {
        this.#context.onLog(`The link to shard ${this.shardId} broke the protocol`, error);
        this.lose(`what it sent breaks the mesh's protocol: ${error.message}`);
      }
    }
    if (this.#frames === frames) this.#dropLink();
    else frames.link.close();
  }

  #receive(frames: FrameLink, exchange: Exchange, frame: Frame): void {
    if (this.#frames !== frames) return;
    if (frame.type === FRAME.goodbye) return this.lose("its runtime stopped");
    try {
      exchange.receive(frame);
    } catch (cause) {
      throw new ProtocolError(explain(cause), { cause });
    }
  }

  #heard(): void {
    this.#heardAt = performance.now();
  }

  #setLinked(): void {
    const isNew = this.#status !== "broken";
    this.#status = "linked";
    this.#resumes = true;
    this.#failure = "";
    this.#refusal.why = "";
    if (isNew) this.#context.onLinked(this.shardId);
  }

  /** The link in use, if any, is used no more. */
  #dropLink(): void {
    const frames = this.#frames;
    if (frames === null) return;
    this.#frames = null;
    this.#exchange.detach();
    frames.link.close();
    if (this.#status === "linked") this.#status = "broken";
  }

  #openSession(): Exchange {
    const { limits, handlers, onLog } = this.#context;
    return new Exchange({
      shardId: this.shardId,
      limits,
      handlers,
      traffic: this.#traffic,
      onFailure: onLog,
    });
  }

  #explainNewSession(hello: Hello): string {
    return hello.runId === this.#hello?.runId
      ? "it took this runtime for lost"
      : "its runtime was started again";
  }

  #startDialling(): Dialler {
    const { self, dial, timings, onLog } = this.#context;
    return new Dialler({
      shardId: this.shardId,
      self,
      dial,
      timings,
      address: () => this.#address,
      position: (next) => ({
        session: this.#exchange.id!,
        resumes: this.#resumes,
        received: this.#exchange.lastReceived,
        next,
      }),
      follow: async (frames, acquaintance, next) => {
        this.#beginSession(acquaintance, next);
        await this.run(frames, acquaintance);
      },
      resumes: () => this.#resumes,
      onFailure: (why, url) => {
        this.#failure = why;
        if (this.#isNewsOf(why)) onLog(`Cannot link to shard ${this.shardId} at ${url}: ${why}`);
      },
    });
  }

  /**
   * Tells whether a failure to link is worth a line. Runtimes that start together do not know each
   * other at once, so it is one where it lasts longer than a link may be silent, and then only
   * once.
   */
  #isNewsOf(why: string): boolean {
    const now = performance.now();
    if (why !== this.#refusal.why) this.#refusal = { why, since: now, isSaid: false };
    if (this.#refusal.isSaid || now - this.#refusal.since < this.#context.timings.silenceMs) {
      return false;
    }
    return this.#refusal.isSaid = true;
  }

  /** Tells whether the listener goes on with the session of before, or with the next one. */
  #beginSession({ hello, session }: Acquaintance, next: string): void {
    if (session !== this.#exchange.id) {
      if (session !== next) throw refuse("it welcomes to a session that nobody named");
      this.lose(this.#explainNewSession(hello));
    }
    if (this.#status !== "lost") return;
    this.#exchange = this.#openSession();
    this.#exchange.id = session;
  }
}

/** The peer sent what cannot be. */
class ProtocolError extends Error {}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
