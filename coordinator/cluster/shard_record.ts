/**
 * The record that the runtimes of a shard keep in its own Redis: the lease, and the runtimes.
 *
 * ```text
 * __pinion:{tag}:shard    hash; the tag hashes to the lowest slot of the shard
 *   shard                 id of the shard that the lease is for
 *   holder                run id of the runtime that acts
 *   epoch                 greater with each holder
 *   until                 when the lease ends, by the clock of that Redis
 *   runtime:{run id}      when it was last heard of, and RuntimeEntry as JSON
 * ```
 *
 * @module
 */

import { z } from "zod";
import type { RespValue } from "../../redis/resp_decoder.ts";
import { slotTag } from "../../redis/slots.ts";
import type { ShardTopology } from "./topology.ts";

/**
 * The entry of a runtime. Addresses are null until it listens. Addresses are null until it listens.
 */
export const RuntimeEntry = z.object({
  shardId: z.string(),
  /** Base URL of its mesh. */
  mesh: z.string().nullable(),
  /** `HOST:PORT` */
  resp: z.string().nullable(),
  http: z.string().nullable(),
  pid: z.int(),
});
/** Data of {@linkcode RuntimeEntry}. */
export type RuntimeEntry = z.infer<typeof RuntimeEntry>;

/** A runtime that is there. */
export interface LivingRuntime extends RuntimeEntry {
  readonly runId: string;
  /** Milliseconds since it was heard of. */
  readonly silentMs: number;
}

/** The lease of a shard, held. */
export interface HeldLease {
  readonly shardId: string;
  /** Run id. */
  readonly holder: string;
  readonly epoch: number;
  /** Not positive once it has run out. */
  readonly remainingMs: number;
}

/** The record as it was read. */
export interface ShardRecord {
  readonly lease: HeldLease | null;
  readonly runtimes: readonly LivingRuntime[];
}

/** The record of a shard that nobody could read. */
export const EMPTY_RECORD: ShardRecord = { lease: null, runtimes: [] };

/**
 * Names the key of a shard's record. It changes when the shard's lowest slot has moved. It is
 * another place when the shard's lowest slot has moved.
 */
export function recordKey(shard: ShardTopology): string {
  return `__pinion:{${slotTag(shard.ranges[0].first)}}:shard`;
}

/** Reads the record without writing: `[now in ms, fields]`, as {@linkcode parseRecord} takes it. */
export const READ_SCRIPT = `
local time = redis.call('TIME')
return { time[1] * 1000 + math.floor(time[2] / 1000), redis.call('HGETALL', KEYS[1]) }
`;

const LeaseFields = z.object({
  shard: z.string(),
  holder: z.string().min(1),
  epoch: z.coerce.number().pipe(z.int().min(1)),
  until: z.coerce.number().pipe(z.int().min(0)),
});
const Reply = z.tuple([z.int(), z.array(z.string())]);

/** The record in a reply of the scripts. What somebody else has put there is left out. */
export function parseRecord(reply: RespValue): ShardRecord {
  const parsed = Reply.safeParse(reply);
  if (!parsed.success) return EMPTY_RECORD;
  const [nowMs, list] = parsed.data;
  const fields = new Map<string, string>();
  for (let at = 0; at + 1 < list.length; at += 2) fields.set(list[at], list[at + 1]);
  const lease = LeaseFields.safeParse(Object.fromEntries(fields)).data;
  return {
    lease: lease === undefined ? null : {
      shardId: lease.shard,
      holder: lease.holder,
      epoch: lease.epoch,
      remainingMs: lease.until - nowMs,
    },
    runtimes: [...fields].flatMap(([field, value]) => parseRuntime(field, value, nowMs) ?? []),
  };
}

function parseRuntime(field: string, value: string, nowMs: number): LivingRuntime | undefined {
  const runId = /^runtime:([0-9a-f]{40})$/.exec(field)?.[1];
  const [, seenMs, json] = /^(\d+) (.*)$/s.exec(value) ?? [];
  if (runId === undefined || json === undefined) return undefined;
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    return undefined;
  }
  const entry = RuntimeEntry.safeParse(data).data;
  return entry && { ...entry, runId, silentMs: Math.max(0, nowMs - Number(seenMs)) };
}
