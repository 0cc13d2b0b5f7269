/**
 * The connection by which all streams of a shard are read. Raw bytes move through it.
 *
 * Who uses it holds on to one connection: what was read over an earlier one may not be acknowledged
 * over the next, since a server that was restarted may have lost the effect of it.
 *
 * @module
 */

import { RedisLink } from "../../../../redis/link/redis_link.ts";
import type { RedisAddress } from "../../../../redis/redis_url.ts";
import { RespDecoder, RespError, type RespValue } from "../../../../redis/resp_decoder.ts";
import { type RespArgument, RespEncoder } from "../../../../redis/resp_encoder.ts";

/** Reads streams over one connection. */
export class StreamLink implements Disposable {
  readonly #address: RedisAddress;
  readonly #name: string;
  readonly #closed = new AbortController();
  #connecting: Promise<RedisLink> | null = null;

  /**
   * @param address Of the shard's master; host and port change with a failover.
   * @param name For CLIENT SETNAME.
   */
  constructor(address: RedisAddress, name = "pinion-streams") {
    this.#address = address;
    this.#name = name;
  }

  /** The connection that is open, or a new one. @throws `REDIS_UNAVAILABLE`, `REDIS_REFUSED` */
  async connect(): Promise<RedisLink> {
    const before = this.#connecting;
    const known = await before?.catch(() => null);
    if (known && !known.closed) return known;
    // Of those who find that there is none, the first one connects.
    if (this.#connecting === before) {
      this.#connecting = RedisLink.connect({ ...this.#address }, {
        name: this.#name,
        signal: this.#closed.signal,
      });
    }
    return await this.#connecting!;
  }

  /** Nobody uses it for now: closes it; who connects next opens another one. */
  rest(): void {
    this.#connecting?.then((link) => link.close(), () => {});
    this.#connecting = null;
  }

  /** Closes it for good. */
  [Symbol.dispose](): void {
    this.#closed.abort(new DOMException("The streams are not read any more", "AbortError"));
    this.#connecting?.then((link) => link.close(), () => {});
  }
}

/** Runs commands together; their replies, errors of Redis as values. @throws `REDIS_UNAVAILABLE` */
export async function askAll(
  link: RedisLink,
  commands: readonly (readonly RespArgument[])[],
): Promise<RespValue[]> {
  const encoder = new RespEncoder(1_024);
  for (const command of commands) encoder.command(command);
  const decoder = new RespDecoder(await link.request(encoder.take(), commands.length));
  return commands.map(() => decoder.next());
}

/** Runs one command. @throws RespError as Redis sent it, `REDIS_UNAVAILABLE` */
export async function ask(
  link: RedisLink,
  ...command: readonly RespArgument[]
): Promise<RespValue> {
  const [reply] = await askAll(link, [command]);
  if (reply instanceof RespError) throw reply;
  return reply;
}
