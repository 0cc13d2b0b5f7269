/**
 * Reads keys at a server that does not own their slots yet: each command behind an ASKING.
 *
 * @module
 */

import { concatBytes } from "../../../redis/bytes.ts";
import type { RedisLink } from "../../../redis/link/redis_link.ts";
import { eachFrame } from "./scan_reply.ts";

/** The part of a link that readers use. */
export type RequestLink = Pick<RedisLink, "request">;

const ASKING = new TextEncoder().encode("*1\r\n$6\r\nASKING\r\n");

/** Sends ASKING before every command. Where a server owns the slot, ASKING means nothing. */
export class AskingLink implements RequestLink {
  readonly #link: RedisLink;

  constructor(link: RedisLink) {
    this.#link = link;
  }

  async request(bytes: Uint8Array, replies: number): Promise<Uint8Array<ArrayBuffer>> {
    const commands = [...eachFrame(bytes)].flatMap((command) => [ASKING, command]);
    const answers = await this.#link.request(concatBytes(commands), 2 * replies);
    return concatBytes([...eachFrame(answers)].filter((_, index) => index % 2 === 1));
  }
}
