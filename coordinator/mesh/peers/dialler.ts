/**
 * Links with another shard's runtime again and again, one link after the other, until it is
 * stopped. `peer.ts` owns one where its side is the one that dials.
 *
 * @module
 */

import { delay } from "@std/async";
import { PinionError } from "../../../errors.ts";
import { type Acquaintance, greetListener, type Self } from "../hello/greet.ts";
import { MAX_GREETING_BYTES, refuse } from "../hello/hello_messages.ts";
import type { MeshTimings } from "../mesh_limits.ts";
import { FrameLink, type PeerLink } from "../link/peer_link.ts";
import { explain } from "./carry_exchange.ts";
import type { ExchangeLine } from "./exchange_line.ts";
import type { LinkFailures } from "./link_failures.ts";
import type { RemoteRuntime } from "./remote_runtime.ts";

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
  /** Has the last known address of the other runtime. */
  readonly runtime: RemoteRuntime;
  /** Has this side's position. */
  readonly line: ExchangeLine;
  /** Takes the failed attempts. */
  readonly failures: LinkFailures;
  /** Goes on over a link until it ends. @throws why it cannot be used */
  readonly follow: (frames: FrameLink, acquaintance: Acquaintance, next: string) => Promise<void>;
  /** Told of failed attempts that an operator should know. */
  readonly onLog: (message: string) => void;
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
    const { timings: { redialMs }, line } = this.#options;
    let pauseMs = FIRST_REDIAL_MS;
    while (!stopped.aborted) {
      const startedAt = performance.now();
      await this.#dialOnce();
      const hasLasted = performance.now() - startedAt > redialMs && line.resumes;
      pauseMs = hasLasted ? FIRST_REDIAL_MS : Math.min(pauseMs * 2, redialMs);
      this.#redial = new AbortController();
      const signal = AbortSignal.any([stopped, this.#redial.signal]);
      // It rejects where it was cut short.
      await delay(pauseMs, { signal }).catch(() => {});
    }
  }

  /** One link, from the attempt to its end. Never throws. */
  async #dialOnce(): Promise<void> {
    const { shardId, self, dial, timings, runtime, line, follow } = this.#options;
    const { url } = runtime.address;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(noAnswer(timings.silenceMs)), timings.silenceMs);
    const signal = AbortSignal.any([timeout.signal, this.#stopped.signal]);
    let link: PeerLink | null = null;
    const close = () => link?.close();
    try {
      link = await dial(url, signal);
      signal.addEventListener("abort", close, { once: true });
      const frames = new FrameLink(link, MAX_GREETING_BYTES);
      const next = crypto.randomUUID();
      const target = { shardId, origin: new URL(url).origin };
      const acquaintance = await greetListener(frames, self, target, () => line.position(next));
      signal.throwIfAborted();
      if (acquaintance.hello.epoch < runtime.address.epoch) {
        throw refuse("its lease is older than that of the runtime that acts for its shard");
      }
      clearTimeout(timer);
      signal.removeEventListener("abort", close);
      await follow(frames, acquaintance, next);
    } catch (error) {
      link?.close();
      const why = timeout.signal.aborted ? timeout.signal.reason : error;
      if (this.#stopped.signal.aborted) return;
      this.#tell(explain(why), url);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", close);
    }
  }

  #tell(why: string, url: string): void {
    const { shardId, failures, onLog } = this.#options;
    if (failures.noteAttempt(why)) onLog(`Cannot link to shard ${shardId} at ${url}: ${why}`);
  }
}

function noAnswer(silenceMs: number): PinionError {
  return new PinionError("RUNTIME_UNREACHABLE", `It did not answer within ${silenceMs} ms`);
}
