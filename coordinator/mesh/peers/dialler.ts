/**
 * Links with another shard's runtime again and again, one link after the other, until it is
 * stopped. `peer.ts` owns one where its side is the one that dials.
 *
 * @module
 */

import { delay } from "@std/async";
import { type Acquaintance, greetListener, type Self } from "../hello/greet.ts";
import { type LinkPosition, MAX_GREETING_BYTES, refuse } from "../hello/hello_messages.ts";
import type { MeshTimings } from "../mesh_limits.ts";
import { FrameLink, type PeerLink } from "../link/peer_link.ts";
import type { PeerAddress } from "../mesh.ts";

/** First pause before another attempt to link, in milliseconds; it doubles. */
const FIRST_REDIAL_MS = 25;

/** Opens a link to the mesh at a URL. @throws where there is none */
export type Dial = (url: string, signal: AbortSignal) => Promise<PeerLink>;

/** Parts of a dialler. */
export interface DiallerOptions {
  readonly shardId: string;
  readonly self: Self;
  readonly dial: Dial;
  readonly timings: MeshTimings;
  /** Gives the last known address of the other runtime. */
  readonly address: () => PeerAddress;
  /** Gives this side's position; an exchange that cannot be resumed is followed by `next`. */
  readonly position: (next: string) => LinkPosition;
  /** True if there is a session to be gone on with. */
  readonly resumes: () => boolean;
  /** Goes on over a link until it ends. @throws why it cannot be used */
  readonly follow: (frames: FrameLink, acquaintance: Acquaintance, next: string) => Promise<void>;
  /** An attempt has failed. */
  readonly onFailure: (why: string, url: string) => void;
}

/** Dials one shard again whenever its link has broken. */
export class Dialler {
  readonly #options: DiallerOptions;
  readonly #stopped = new AbortController();
  /** Ends the pause before the next attempt. */
  #redial = new AbortController();
  /** Resolves when it dials no more. */
  readonly #dialling: Promise<void>;

  constructor(options: DiallerOptions) {
    this.#options = options;
    this.#dialling = this.#keepDialling();
  }

  /** The next attempt is made at once: the address is another one. */
  hurry(): void {
    this.#redial.abort();
  }

  /** Makes no attempt any more; resolves when the link that it follows has ended. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#dialling;
  }

  async #keepDialling(): Promise<void> {
    // Whoever owns it is made first.
    await Promise.resolve();
    const stopped = this.#stopped.signal;
    const { timings: { redialMs }, resumes } = this.#options;
    let pauseMs = FIRST_REDIAL_MS;
    while (!stopped.aborted) {
      const startedAt = performance.now();
      await this.#dialOnce();
      const hasLasted = performance.now() - startedAt > redialMs && resumes();
      pauseMs = hasLasted ? FIRST_REDIAL_MS : Math.min(pauseMs * 2, redialMs);
      this.#redial = new AbortController();
      const signal = AbortSignal.any([stopped, this.#redial.signal]);
      await delay(pauseMs, { signal }).catch(() => {}); // it dials at once, or ends
    }
  }

  /** One link, from the attempt to its end. Never throws. */
  async #dialOnce(): Promise<void> {
    const { shardId, self, dial, timings, position, follow, onFailure } = this.#options;
    const { url } = this.#options.address();
    const timeout = new AbortController();
    const timer = setTimeout(
      () => timeout.abort(new Error(`It did not answer within ${timings.silenceMs} ms`)),
      timings.silenceMs,
    );
    const signal = AbortSignal.any([timeout.signal, this.#stopped.signal]);
    let link: PeerLink | null = null;
    const close = () => link?.close();
    try {
      link = await dial(url, signal);
      signal.addEventListener("abort", close, { once: true });
      const frames = new FrameLink(link, MAX_GREETING_BYTES);
      const next = crypto.randomUUID();
      const target = { shardId, origin: new URL(url).origin };
      const acquaintance = await greetListener(frames, self, target, () => position(next));
      signal.throwIfAborted();
      if (acquaintance.hello.epoch < this.#options.address().epoch) {
        throw refuse("its lease is older than that of the runtime that acts for its shard");
      }
      clearTimeout(timer);
      signal.removeEventListener("abort", close);
      await follow(frames, acquaintance, next);
    } catch (error) {
      link?.close();
      const why = timeout.signal.aborted ? timeout.signal.reason : error;
      if (this.#stopped.signal.aborted) return;
      onFailure(why instanceof Error ? why.message : String(why), url);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", close);
    }
  }
}
