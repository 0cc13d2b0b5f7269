/**
 * The links that carry a session's own commands: opened when first used, bytes passed unread.
 *
 * @module
 */

import { Link } from "../../../redis/link.ts";
import type { RedisAddress } from "../../../redis/redis_url.ts";
import type { LinkNumber, ToWorkerThread } from "../worker_border.ts";

/** Passes a message to the worker. */
export type PostToWorker = (message: ToWorkerThread, transfer?: Transferable[]) => void;

/** Link 0 carries `execute`, link 1 transactions that watch keys. */
export class SessionLinks {
  readonly #address: RedisAddress;
  readonly #name: string;
  readonly #post: PostToWorker;
  readonly #links: [Promise<Link> | null, Promise<Link> | null] = [null, null];
  /** How often each link broke. */
  readonly #generations: [number, number] = [0, 0];

  constructor(address: RedisAddress, name: string, post: PostToWorker) {
    this.#address = address;
    this.#name = name;
    this.#post = post;
  }

  /**
   * Writes commands. Where the shard cannot be reached, the worker is told that all failed; what it
   * gave of the same generation before it heard of that is dropped.
   */
  send(number: LinkNumber, generation: number, bytes: Uint8Array): void {
    if (generation !== this.#generations[number]) return;
    const link = this.#links[number] ??= this.#connect(number);
    link.then((open) => open.write(bytes)).catch((error) => this.#broken(number, link, error));
  }

  async #connect(number: LinkNumber): Promise<Link> {
    const link = await Link.connect(this.#address, { name: this.#name });
    void this.#pump(number, link);
    return link;
  }

  async #pump(number: LinkNumber, link: Link): Promise<void> {
    const opened = this.#links[number];
    try {
      for (let chunk = await link.read(); chunk !== null; chunk = await link.read()) {
        if (this.#links[number] !== opened) return;
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
  #broken(number: LinkNumber, link: Promise<Link> | null, error: Error): void {
    if (link === null || this.#links[number] !== link) return;
    this.#links[number] = null;
    this.#generations[number]++;
    this.#post({ type: "linkDown", link: number, message: `REDISDOWN ${error.message}` });
  }
}
