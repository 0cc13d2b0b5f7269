/**
 * One other shard's runtime: the links to it, one after the other, and the exchange that they
 * carry.
 *
 * Of two runtimes the one whose shard id is less dials (`dialler.ts`); the other one waits. The
 * states that a peer goes through are those of `peer_state.ts`.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { type Dial, Dialler } from "./dialler.ts";
import type { Acquaintance, Self } from "../hello/greet.ts";
import { type Hello, type LinkPosition, refuse, type Welcome } from "../hello/hello_messages.ts";
import type { MeshLimits, MeshTimings } from "../mesh_limits.ts";
import type { FrameLink } from "../link/peer_link.ts";
import type { PeerAddress, PeerStats } from "../mesh.ts";
import type { Handlers } from "../exchange/handlers.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { countTraffic, toPeerStats } from "../exchange/traffic.ts";
import { breaksProtocol, carryExchange, explain } from "./carry_exchange.ts";
import { ExchangeLine } from "./exchange_line.ts";
import { LinkFailures } from "./link_failures.ts";
import { PeerState } from "./peer_state.ts";
import { RemoteRuntime } from "./remote_runtime.ts";
import { SilenceClock } from "./silence_clock.ts";
import { sayGoodbye } from "./say_goodbye.ts";

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
  readonly #runtime: RemoteRuntime;
  readonly #state = new PeerState();
  readonly #line: ExchangeLine;
  readonly #traffic = countTraffic();
  readonly #failures: LinkFailures;
  readonly #silence = new SilenceClock();
  /** Null where the other side dials. */
  readonly #dialler: Dialler | null;
  /** The link in use. */
  #frames: FrameLink | null = null;
  /** Resolves when the link that came last has ended. */
  #loop: Promise<void> = Promise.resolve();

  constructor(shardId: string, address: PeerAddress, context: PeerContext) {
    const { self, limits, handlers, onLog, timings } = context;
    this.shardId = shardId;
    this.#context = context;
    this.#runtime = new RemoteRuntime(address);
    this.#failures = new LinkFailures(timings.silenceMs);
    const isDialler = self.shardId < shardId;
    const options = { shardId, limits, handlers, traffic: this.#traffic, onFailure: onLog };
    this.#line = new ExchangeLine(options, isDialler);
    this.#dialler = isDialler ? this.#startDialling() : null;
  }

  /** Address of its mesh. */
  get url(): string {
    return this.#runtime.address.url;
  }

  get isLinked(): boolean {
    return this.#state.status === "linked";
  }

  /** Exchange that requests and channels begin in; it has failed already where the peer is lost. */
  get exchange(): Exchange {
    return this.#line.exchange;
  }

  get stats(): PeerStats {
    const { shardId, isLinked } = this;
    return { shardId, isLinked, ...toPeerStats(this.#traffic), ...this.exchange.state };
  }

  /** Membership says who acts for the shard now. */
  move(address: PeerAddress): void {
    if (!this.#runtime.move(address, this.#state.status === "lost")) return;
    if (this.#state.status !== "awaited") {
      this.lose("another runtime acts for it now");
      this.#line.renew();
      this.#state.enter("awaited");
    }
    this.#silence.reset();
    this.#dialler?.hurry();
  }

  /**
   * Decides how to go on with a dialler that has proven who it is.
   *
   * @throws `MESH_REFUSED` where another runtime acts for its shard
   */
  admit(hello: Hello, position: LinkPosition): Welcome {
    if (this.#dialler !== null) throw refuse("this runtime is the one that dials");
    if (this.#runtime.isOutdated(hello)) {
      throw refuse("its lease is older than that of the runtime that acts for its shard");
    }
    this.#dropLink();
    if (this.exchange.id !== position.session) {
      if (this.exchange.id !== null) this.lose(this.#runtime.explainEnd(hello));
      if (this.#state.status === "lost") this.#line.renew();
      this.exchange.id = position.resumes ? position.next : position.session;
    }
    return this.#line.welcome;
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
    this.#silence.forgive(stalledMs);
    const { silenceMs, lostAfterMs } = this.#context.timings;
    const { silentMs } = this.#silence;
    if (this.isLinked && silentMs > silenceMs) {
      this.#failures.note(`nothing came for ${Math.round(silentMs)} ms`);
      this.#dropLink();
    }
    if (this.isLinked) this.exchange.heartbeat();
    else if (this.#state.status !== "lost" && silentMs > lostAfterMs) {
      const why = this.#failures.last || "it did not link";
      this.lose(`not heard for ${Math.round(silentMs)} ms (${why})`);
    }
  }

  /** Takes it for lost: what is under way with it fails. */
  lose(why: string): void {
    if (this.#state.status === "lost") return;
    const reason = new PinionError("SHARD_LOST", `Shard ${this.shardId} is lost: ${why}`);
    this.#state.enter("lost");
    this.#dropLink();
    this.#line.fail(reason);
    this.#context.onLost(this.shardId, reason);
  }

  /** Ends for good; the peer is told. */
  async stop(why: string): Promise<void> {
    const dialling = this.#dialler?.stop();
    const frames = this.#frames;
    // It is used no more, but stays open until the peer has read the goodbye.
    this.#frames = null;
    this.exchange.detach();
    this.lose(why);
    if (frames !== null) await sayGoodbye(frames, this.#loop);
    await Promise.all([this.#loop, dialling]);
  }

  async #follow(frames: FrameLink, { hello, received }: Acquaintance): Promise<void> {
    this.#runtime.meet(hello);
    this.#silence.reset();
    this.#traffic.links++;
    const { exchange } = this;
    const isUsed = () => this.#frames === frames;
    try {
      exchange.attach(frames.link, { received, windowBytes: hello.windowBytes });
      this.#setLinked();
      await carryExchange(frames, exchange, {
        traffic: this.#traffic,
        isUsed,
        onHeard: () => this.#silence.reset(),
        onGoodbye: () => this.lose("its runtime stopped"),
      });
    } catch (error) {
      if (isUsed()) this.#breakOff(error);
    }
    if (isUsed()) this.#dropLink();
    else frames.link.close();
  }

  /** The link in use has broken. */
  #breakOff(error: unknown): void {
    this.#failures.note(explain(error));
    if (!breaksProtocol(error)) return;
    this.#context.onLog(`The link to shard ${this.shardId} broke the protocol`, error);
    this.lose(`what it sent breaks the mesh's protocol: ${explain(error)}`);
  }

  #setLinked(): void {
    const isNew = this.#state.status !== "broken";
    this.#state.enter("linked");
    this.#line.setLinked();
    this.#failures.clear();
    if (isNew) this.#context.onLinked(this.shardId);
  }

  /** The link in use, if any, is used no more. */
  #dropLink(): void {
    const frames = this.#frames;
    if (frames === null) return;
    this.#frames = null;
    this.exchange.detach();
    frames.link.close();
    if (this.isLinked) this.#state.enter("broken");
  }

  #startDialling(): Dialler {
    return new Dialler({
      ...this.#context,
      shardId: this.shardId,
      runtime: this.#runtime,
      line: this.#line,
      failures: this.#failures,
      follow: async (frames, acquaintance, next) => {
        this.#goOn(acquaintance, next);
        await this.run(frames, acquaintance);
      },
    });
  }

  /** Goes on with the exchange that the listener named: that of before, or the next one. */
  #goOn({ hello, session: id }: Acquaintance, next: string): void {
    if (id !== this.exchange.id) {
      if (id !== next) throw refuse("it welcomes to an exchange that nobody named");
      this.lose(this.#runtime.explainEnd(hello));
    }
    if (this.#state.status === "lost") this.#line.renew(id);
  }
}
