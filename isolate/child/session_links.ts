/**
 * The links that carry a session's own commands: opened when first used, bytes passed unread.
 *
 * @module
 */

import { RedisLink } from "../../redis/link/redis_link.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import type { ServerAddress } from "../../contract/isolate/messages/host_messages.ts";
import type { LinkNumber, ToWorkerThread } from "../../contract/isolate/worker_border.ts";

/** Passes a message to the worker. */
export type PostToWorker = (message: ToWorkerThread, transfer?: Transferable[]) => void;

/** A link, and how often it broke. */
interface LinkState {
  link: Promise<RedisLink> | null;
  generation: number;
}

/** Number of the link, as in {@linkcode LinkNumber}. */
export class SessionLinks {
  readonly #address: RedisAddress;
  readonly #name: string;
  readonly #placeOf: (server: number) => ServerAddress | undefined;
  readonly #post: PostToWorker;
  readonly #states = new Map<LinkNumber, LinkState>();

  /** @param placeOf The servers by their numbers; all take the credentials of `address`. */
  constructor(
    address: RedisAddress,
    name: string,
    placeOf: (server: number) => ServerAddress | undefined,
    post: PostToWorker,
  ) {
    this.#address = address;
    this.#name = name;
    this.#placeOf = placeOf;
    this.#post = post;
  }

  /**
   * Writes commands. Where the server cannot be reached, the worker is told that all failed; what
   * it gave of the same generation before it heard of that is dropped.
   *
   * @throws TypeError for a link to no server
   */
  send(number: LinkNumber, generation: number, bytes: Uint8Array): void {
    const state = this.#stateOf(number);
    if (generation !== state.generation) return;
    const link = state.link ??= this.#connect(number, state);
    link.then((open) => open.write(bytes)).catch((error) => this.#broken(number, link, error));
  }

  #stateOf(number: LinkNumber): LinkState {
    let state = this.#states.get(number);
    if (state === undefined) {
      if (!Number.isSafeInteger(number) || this.#placeOf(number >> 1) === undefined) {
        throw new TypeError("there is no such link");
      }
      state = { link: null, generation: 0 };
      this.#states.set(number, state);
    }
    return state;
  }

  async #connect(number: LinkNumber, state: LinkState): Promise<RedisLink> {
    const address = { ...this.#address, ...this.#placeOf(number >> 1) };
    const link = await RedisLink.connect(address, { name: this.#name });
    void this.#pump(number, state, link);
    return link;
  }

  async #pump(number: LinkNumber, state: LinkState, link: RedisLink): Promise<void> {
    const opened = state.link;
    try {
      for (let chunk = await link.read(); chunk !== null; chunk = await link.read()) {
        if (state.link !== opened) return;
        const bytes = new Uint8Array(chunk);
        this.#post({ type: "replies", link: number, bytes }, [bytes.buffer]);
      }
      throw new Error("Redis closed the connection");
    } catch (error) {
      link.close();
      this.#broken(number, opened, error as Error);
    }
  }

  /** Forgets a link, once; the next command opens another. */
  #broken(number: LinkNumber, link: Promise<RedisLink> | null, error: Error): void {
    const state = this.#stateOf(number);
    if (link === null || state.link !== link) return;
    state.link = null;
    state.generation++;
    this.#post({ type: "linkDown", link: number, message: `REDISDOWN ${error.message}` });
  }
}
