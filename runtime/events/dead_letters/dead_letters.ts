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
import { PinionError } from "../../../errors.ts";
import type { EventPayload } from "../../../contract/isolate/messages/events.ts";
import { encodeWire } from "../../../contract/isolate/wire.ts";
import type {
  DeadLetter,
  DeadLetterQueue,
  LetterRecord,
  QueueName,
} from "../../../contract/api/dead_letter_info.ts";
import { parsePayload } from "./letter_payload.ts";
import { recordOf } from "./letter_record.ts";

const NAMES_KEY = "__pinion:{dead}";
/** The field that has the event itself. */
const PAYLOAD = "payload";
/** Letters of a page. */
const PAGE = 100;
/** Letters that are read at a time: each may hold a large message, of which little is kept. */
const STEP = 20;

/** A dead letter that is to be written. */
export interface NewDeadLetter extends Omit<DeadLetter, "id" | keyof LetterRecord> {
  readonly payload: EventPayload;
}

const Name = z.tuple([z.string(), z.string()]);
/** Others write there, too: what is missing of a letter must not hide the rest. */
const text = z.string().catch("");
const Fields = z.object({
  key: text,
  event: text,
  error: text,
  attempts: z.coerce.number().catch(0),
  shard: text,
});
/**
 * Adds, lists, reads and removes dead letters in Redis. Rejects with what ioredis says where Redis
 * cannot be reached.
 */
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
      .map(parseName).filter((name) => name !== null);
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

  /** The event of a letter. @throws `NOT_FOUND`, `BAD_BODY` where it is none of ours */
  async payload(name: QueueName, id: string): Promise<EventPayload> {
    const [found] = await this.#redis.xrangeBuffer(keyOf(name), id, id);
    if (found === undefined) throw noLetter(name, id);
    const payload = payloadOf(found[1]);
    if (payload === null) throw isDamaged(name, id);
    return payload;
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

/** Null where it is no name of a queue. */
function parseName(text: string): z.infer<typeof Name> | null {
  try {
    return Name.parse(JSON.parse(text));
  } catch {
    // Not by us: there is no queue to show.
    return null;
  }
}

function isDamaged({ library, registration }: QueueName, id: string): PinionError {
  return new PinionError(
    "BAD_BODY",
    `Dead letter ${id} of registration ${registration} of library ${library} cannot be read; drop it`,
  );
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

/** Null where it has none. */
function payloadOf(fields: readonly Buffer[]): EventPayload | null {
  const at = fields.findIndex((field, index) => index % 2 === 0 && `${field}` === PAYLOAD);
  return at < 0 ? null : parsePayload(fields[at + 1]);
}

function noLetter({ library, registration }: QueueName, id: string): PinionError {
  return new PinionError(
    "NOT_FOUND",
    `There is no dead letter ${id} of registration ${registration} of library ${library}`,
  );
}
