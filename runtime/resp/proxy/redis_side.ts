/**
 * Things that one client has at Redis: the connection, the tracker of its replies and the state
 * that these confirm. They belong together, so they are made anew together.
 *
 * @module
 */

import type { RedisAddress } from "../../../redis/redis_url.ts";
import { ClientState } from "../replies/client_state.ts";
import type { RespLimits } from "../replies/resp_limits.ts";
import type { ClientSink } from "../requests/client_sink.ts";
import { ReplyTracker } from "./reply_tracker.ts";
import { isSubscriber } from "./subscriber_probe.ts";
import { Upstream } from "./upstream.ts";

/** Parts of the Redis side of a client. */
export interface RedisSideOptions {
  /** Address of Redis; its credentials are the runtime's and not used. */
  readonly redis: RedisAddress;
  /** Sizes and times. */
  readonly limits: RespLimits;
  /** Sink for the bytes that Redis sends. */
  readonly sink: ClientSink;
  /** Called when Redis ended a connection that held something of the client's. */
  readonly onEnd: () => void;
}

/** Connection, tracker and state of one client. */
export class RedisSide {
  readonly #options: RedisSideOptions;
  #state = new ClientState();
  #tracker = new ReplyTracker(this.#state);
  #upstream: Upstream;
  /** Redis holds state of the client's: user, database, watched keys. */
  #isStateful = false;

  /** Opens no connection yet. */
  constructor(options: RedisSideOptions) {
    this.#options = options;
    this.#upstream = this.#createUpstream();
  }

  /** State of the client's connection. */
  get state(): ClientState {
    return this.#state;
  }

  /** Follows the replies of the connection of now. */
  get tracker(): ReplyTracker {
    return this.#tracker;
  }

  /** The connection of now. */
  get upstream(): Upstream {
    return this.#upstream;
  }

  /** From here on Redis holds state of the client's, which the end of the connection loses. */
  hold(): void {
    this.#isStateful = true;
  }

  /** Counts frames again if that is possible: not for a RESP2 subscriber, which is false. */
  async resync(): Promise<boolean> {
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
