/**
 * Events that registrations have given up, in Redis. A cluster has them once.
 *
 * ```text
 * __pinion:{dead}                        set of [library, registration] as JSON
 * __pinion:{dead}:LIBRARY:REGISTRATION   stream: key, event, error, attempts, shard, payload
 * ```
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Cluster, Redis } from "ioredis";
import { z } from "zod";
import { PinionError } from "../../errors.ts";
import type { EventPayload } from "../isolate/event_messages.ts";
import { decodeWire, encodeWire } from "../isolate/wire.ts";
import type { DeadLetter, DeadLetterQueue, QueueName } from "./dead_letter.ts";
import { type LetterRecord, recordOf } from "./letter_record.ts";

const NAMES_KEY = "__pinion:{dead}";
/** The field that has the event itself. */
const PAYLOAD = "payload";
/** Letters of a page. */
const PAGE = 100;
/** Letters that are read at a time: each may hold a large message, of which little is kept. */
const STEP = 20;

/** What is written of an event that is given up. */
export interface NewDeadLetter extends Omit<DeadLetter, "id" | keyof LetterRecord> {
  readonly payload: EventPayload;
}

const Name = z.tuple([z.string(), z.string()]);
const Fields = z.object({
  key: z.string(),
  event: z.string(),
  error: z.string(),
  attempts: z.coerce.number(),
  shard: z.string(),
});

/** See the module. Rejects with what ioredis says where Redis cannot be reached. */
export class DeadLetters {
  readonly #place: { readonly shared: Redis | Cluster };

  /** @param place Knows the connection to what a cluster has once; a failover changes it. */
  constructor(place: { readonly shared: Redis | Cluster }) {
    this.#place = place;
  }

  get #redis(): Redis | Cluster {
    return this.#place.shared;
  }

  /** Keeps a letter; the oldest ones go where there are more than `limit`. */
  async add(name: QueueName, letter: NewDeadLetter, limit: number): Promise<void> {
    const { key, eventId, error, attempts, shardId, payload } = letter;
    const replies = await this.#redis.multi()
      .sadd(NAMES_KEY, JSON.stringify([name.library, name.registration]))
      .xadd(
        keyOf(name),
        ...["MAXLEN", "=", limit, "*", "key", key, "event", eventId, "error", error] as const,
        ...["attempts", attempts, "shard", shardId] as const,
        ...[PAYLOAD, Buffer.from(encodeWire(payload))] as const,
      )
      .exec();
    const failed = replies?.find(([failure]) => failure !== null);
    if (failed) throw failed[0];
  }

  /** Registrations that have letters, in the order of their names. */
  async list(): Promise<DeadLetterQueue[]> {
    const names = (await this.#redis.smembers(NAMES_KEY)).sort()
      .map((text) => Name.parse(JSON.parse(text)));
    const queues = await Promise.all(names.map(async ([library, registration]) => ({
      ...{ library, registration },
      letters: await this.#redis.xlen(keyOf({ library, registration })),
    })));
    return queues.filter(({ letters }) => letters > 0);
  }

  /** Letters of a registration, oldest first, after the one with the id `after`. */
  async read(name: QueueName, { after = "0-0", count = PAGE } = {}): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    while (letters.length < count) {
      const last = letters.at(-1)?.id ?? after;
      const step = Math.min(STEP, count - letters.length);
      const found = await this.#redis.xrangeBuffer(keyOf(name), `(${last}`, "+", "COUNT", step);
      letters.push(...found.map(([id, fields]) => toLetter(`${id}`, fields)));
      if (found.length < step) break;
    }
    return letters;
  }

  /** Id of the newest letter; null where there is none. */
  async newestId(name: QueueName): Promise<string | null> {
    const [newest] = await this.#redis.xrevrange(keyOf(name), "+", "-", "COUNT", 1);
    return newest?.[0] ?? null;
  }

  /** The event of a letter. @throws `NOT_FOUND` */
  async payload(name: QueueName, id: string): Promise<EventPayload> {
    const [found] = await this.#redis.xrangeBuffer(keyOf(name), id, id);
    if (found === undefined) throw noLetter(name, id);
    return payloadOf(found[1]);
  }

  /** Removes letters, all of them without `ids`; how many there were. */
  async remove(name: QueueName, ids?: readonly string[]): Promise<number> {
    const key = keyOf(name);
    if (ids !== undefined) return ids.length === 0 ? 0 : await this.#redis.xdel(key, ...ids);
    const letters = await this.#redis.xlen(key);
    await this.#redis.multi()
      .srem(NAMES_KEY, JSON.stringify([name.library, name.registration])).del(key).exec();
    return letters;
  }
}

function keyOf({ library, registration }: QueueName): string {
  return `${NAMES_KEY}:${library}:${registration}`;
}

function toLetter(id: string, fields: readonly Buffer[]): DeadLetter {
  const named: Record<string, string> = {};
  for (let at = 0; at < fields.length; at += 2) {
    const field = `${fields[at]}`;
    if (field !== PAYLOAD) named[field] = `${fields[at + 1]}`;
  }
  const { key, event, error, attempts, shard } = Fields.parse(named);
  const { record, isCut } = recordOf(payloadOf(fields));
  return { id, key, eventId: event, record, isCut, error, attempts, shardId: shard };
}

function payloadOf(fields: readonly Buffer[]): EventPayload {
  const at = fields.findIndex((field, index) => index % 2 === 0 && `${field}` === PAYLOAD);
  return decodeWire(fields[at + 1]) as EventPayload;
}

function noLetter({ library, registration }: QueueName, id: string): PinionError {
  return new PinionError(
    "NOT_FOUND",
    `There is no dead letter ${id} of registration ${registration} of library ${library}`,
  );
}
