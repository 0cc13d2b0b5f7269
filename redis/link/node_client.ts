/**
 * Asks one Redis server now and then: topology, leases, set-up of clusters. Not for data.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { RedisLink } from "./redis_link.ts";
import type { RedisAddress } from "../redis_url.ts";
import { RespDecoder, RespError, type RespValue } from "../resp_decoder.ts";
import { type RespArgument, RespEncoder } from "../resp_encoder.ts";

/** Options of a client. */
export interface NodeClientOptions {
  /** For CLIENT SETNAME. */
  readonly name?: string;
  /**
   * For connecting, and for each reply; default 1000. A server that takes longer counts as gone.
   */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 1_000;

/** A connection that is opened when it is needed, and opened anew after it broke. */
export class NodeClient implements Disposable {
  readonly address: RedisAddress;
  readonly #name: string | undefined;
  readonly #timeoutMs: number;
  #link: Promise<RedisLink> | null = null;
  #isClosed = false;

  constructor(address: RedisAddress, options: NodeClientOptions = {}) {
    this.address = address;
    this.#name = options.name;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /** Runs a command; its reply. @throws RespError as Redis sent it, `REDIS_UNAVAILABLE` */
  async ask(...command: readonly RespArgument[]): Promise<RespValue> {
    const [reply] = await this.askAll([command]);
    if (reply instanceof RespError) throw reply;
    return reply;
  }

  /**
   * Runs commands together; their replies, errors of Redis as values. @throws `REDIS_UNAVAILABLE`
   */
  async askAll(commands: readonly (readonly RespArgument[])[]): Promise<RespValue[]> {
    const encoder = new RespEncoder(256);
    for (const command of commands) encoder.command(command);
    const replies = await this.#request(encoder.take(), commands.length);
    const decoder = new RespDecoder(replies);
    return commands.map(() => decoder.next());
  }

  /** Closes the connection for good. What is outstanding rejects. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#link?.then((link) => link.close(), () => {});
    this.#link = null;
  }

  async #request(bytes: Uint8Array, replies: number): Promise<Uint8Array> {
    const connecting = this.#link ??= this.#connect();
    let link: RedisLink | undefined;
    const timer = setTimeout(() => link?.close(), 2 * this.#timeoutMs);
    try {
      link = await connecting;
      return await link.request(bytes, replies);
    } catch (error) {
      link?.close();
      if (this.#link === connecting) this.#link = null;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #connect(): Promise<RedisLink> {
    if (this.#isClosed) throw closed();
    const link = await RedisLink.connect(this.address, {
      name: this.#name,
      timeoutMs: this.#timeoutMs,
    });
    if (!this.#isClosed) return link;
    link.close();
    throw closed();
  }
}

function closed(): PinionError {
  return new PinionError("REDIS_UNAVAILABLE", "The connection to Redis was closed");
}
