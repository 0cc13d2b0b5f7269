/**
 * The consumer group of one registration on one stream.
 *
 * Differs: RedisGears has one group for all registrations, which so steal messages from each other.
 * There is one consumer: who acts for a shard is settled by its lease.
 *
 * @module
 */

import type { RedisLink } from "../../../../redis/link/redis_link.ts";
import { RespDecoder, RespError, type RespValue } from "../../../../redis/resp_decoder.ts";
import { RespEncoder } from "../../../../redis/resp_encoder.ts";
import { concatBytes } from "../../../../redis/bytes.ts";
import { type Entries, parseRead, type ReadReply } from "./entries.ts";
import { ask } from "./stream_link.ts";

/** Name of the consumer of every group. */
const CONSUMER = "pinion";
/** Pending messages of a dead consumer that are taken over at a time. */
const CLAIM_COUNT = 1_000;
/** Before the id of a registration, which an upgrade keeps, in the name of its group. */
export const GROUP_PREFIX = "pinion:";

/** A group as Redis shows it. */
export interface GroupInfo {
  readonly name: string;
  /** Messages that are given out and not acknowledged. */
  readonly pending: number;
  readonly lastDelivered: string;
  /** Messages that were not given out yet; null where the server cannot tell. */
  readonly lag: number | null;
}

/** All groups of a stream. */
export async function readGroups(link: RedisLink, key: string): Promise<GroupInfo[]> {
  const groups = await ask(link, "XINFO", "GROUPS", key) as RespValue[][];
  return groups.map((fields) => {
    const field = (name: string) => fields[fields.indexOf(name) + 1];
    const lag = fields.includes("lag") ? field("lag") : null;
    return {
      name: String(field("name")),
      pending: Number(field("pending")),
      lastDelivered: String(field("last-delivered-id")),
      lag: lag === null ? null : Number(lag),
    };
  });
}

/** Something of a stream that messages are read from. */
interface Read {
  readonly count: number;
  /** Pending messages after this id; `>` for those that were never read. */
  readonly after: string;
}

/**
 * Reads, acknowledges and claims messages through one consumer group. All methods reject with a
 * RespError as Redis answers, or `REDIS_UNAVAILABLE`.
 */
export class StreamGroup {
  readonly #link: RedisLink;
  readonly key: string;
  readonly name: string;
  readonly #encoder = new RespEncoder(256);

  /** @param link The connection that it lives and dies with. */
  constructor(link: RedisLink, key: string, name: string) {
    this.#link = link;
    this.key = key;
    this.name = name;
  }

  /**
   * Finds it, or makes it where `whereToBegin` says, and takes over what is pending of others.
   *
   * @returns id of the last message that it has given out
   */
  async open(whereToBegin: () => Promise<string>): Promise<string> {
    const found = await this.#find() ?? await this.#create(await whereToBegin());
    if (found.pending > 0) await this.#claim();
    return found.lastDelivered;
  }

  /** Id of the last message that was added to the stream. */
  async lastGenerated(): Promise<string> {
    const info = await ask(this.#link, "XINFO", "STREAM", this.key) as RespValue[];
    return String(info[info.indexOf("last-generated-id") + 1]);
  }

  async #find(): Promise<GroupInfo | null> {
    const groups = await readGroups(this.#link, this.key);
    return groups.find(({ name }) => name === this.name) ?? null;
  }

  async #create(fromId: string): Promise<GroupInfo> {
    await ask(this.#link, "XGROUP", "CREATE", this.key, this.name, fromId);
    return (await this.#find())!;
  }

  /** Takes over what other consumers have read and not acknowledged, whoever they were. */
  async #claim(): Promise<void> {
    const summary = await ask(this.#link, "XPENDING", this.key, this.name) as unknown[];
    const consumers = (summary[3] ?? []) as [string, string][];
    if (!consumers.some(([consumer]) => consumer !== CONSUMER)) return;
    let cursor = "0-0";
    do {
      const [next] = await ask(
        this.#link,
        ...["XAUTOCLAIM", this.key, this.name, CONSUMER, 0, cursor],
        ...["COUNT", CLAIM_COUNT, "JUSTID"],
      ) as [string];
      cursor = next;
    } while (cursor !== "0-0");
  }

  /** Reads messages. */
  async read({ count, after }: Read): Promise<ReadReply> {
    this.#encoder.command([
      ...["XREADGROUP", "GROUP", this.name, CONSUMER, "COUNT", count],
      ...["STREAMS", this.key, after],
    ]);
    return parseRead(await this.#link.request(this.#encoder.take(), 1));
  }

  /** Acknowledges messages, given by their entries and places. */
  async acknowledge(entries: Entries, places: readonly number[]): Promise<void> {
    if (places.length === 0) return;
    const ids = concatBytes(places.map((place) => entries.rawId(place)));
    this.#encoder.rawCommand(3 + places.length, ["XACK", this.key, this.name], ids);
    const reply = new RespDecoder(await this.#link.request(this.#encoder.take(), 1)).next();
    if (reply instanceof RespError) throw reply;
  }

  /** Acknowledges messages that are gone. */
  async acknowledgeIds(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await ask(this.#link, "XACK", this.key, this.name, ...ids);
  }

  /** Lets it go on behind `id`: what was read after it is read again. */
  async rewind(id: string): Promise<void> {
    await ask(this.#link, "XGROUP", "SETID", this.key, this.name, id);
  }
}
