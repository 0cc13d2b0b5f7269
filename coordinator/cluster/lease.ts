/**
 * The right to act for a shard: one runtime has it at a time.
 *
 * It is kept in the shard's own Redis, so it follows the shard's data: to a replica that takes
 * over, and away from a master that has lost its cluster. Each holder has a greater epoch than the
 * one before, by which others tell an old holder that wakes up from the present one. A holder that
 * could not renew in time stops by its own clock before another one may begin by Redis' clock.
 *
 * ```text
 *            missing, not seen lately │ has run out │ given back
 *   standby ─────────────────────────────────────────────────────► acting
 *      ▲                                                             │
 *      └──────── another holds it │ not renewed in time ─────────────┘
 * ```
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import type { NodeClients } from "./node_clients.ts";
import { parseRecord, READ_SCRIPT, recordKey, type RuntimeEntry } from "./shard_record.ts";
import type { ShardRecord } from "./shard_record.ts";
import type { ShardTopology } from "./topology.ts";

/** Time for which a lease holds without being renewed, in milliseconds. */
export const LEASE_MS = 2_000;
/** A holder takes its lease for lost so much earlier than Redis does. */
const MARGIN_MS = 200;
/** A renewal that takes longer is followed by another one at once. */
const LATE_MS = LEASE_MS / 4;
/** A record that nobody renews is removed after so many milliseconds. */
const FORGET_MS = 600_000;
/** Runtimes that were silent for so long are not there any more. */
const SILENT_MS = 3 * LEASE_MS;

/**
 * One heartbeat. Arguments: shard id, run id, what to do, its length, the greatest epoch seen, the
 * entry, 1 if a missing lease may be taken, the epoch of the lease that the runtime holds or 0, and
 * the ids of the other shards: a lease of one of those came here with its slot and says nothing.
 *
 * The epoch of a new holder is never below the clock, so that it grows even if the record was lost.
 * A record that is missing while its holder's lease lasts is at another place, as the shard's
 * lowest slot has moved, or was deleted: nobody else can have held the lease since.
 */
const BEAT_SCRIPT = `
local key, shard, run, want = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local length, seen, entry, may_take = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], ARGV[7] == '1'
local kept = tonumber(ARGV[8])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local number = function(value) return string.format('%.0f', value) end

local lease = redis.call('HMGET', key, 'shard', 'holder', 'epoch', 'until')
for at = 9, #ARGV do
  if lease[1] == ARGV[at] then lease = { false, false, lease[3], false } end
end
local held = lease[2] == run
local open = not lease[2] and may_take or lease[2] and (tonumber(lease[4] or 0) or 0) <= now
if want == 'beat' and (held or open) then
  local epoch = tonumber(lease[3] or 0) or 0
  if not lease[2] and kept > 0 then epoch = kept
  elseif not held then epoch = math.max(epoch, seen, now - 1) + 1 end
  redis.call('HSET', key, 'shard', shard, 'holder', run, 'epoch', number(epoch),
    'until', number(now + length))
elseif want == 'leave' and held then
  redis.call('HSET', key, 'until', '0')
end
if want == 'leave' then redis.call('HDEL', key, 'runtime:' .. run)
else redis.call('HSET', key, 'runtime:' .. run, number(now) .. ' ' .. entry) end

local fields = redis.call('HGETALL', key)
for at = 1, #fields, 2 do
  local last = tonumber(string.match(fields[at + 1], '^(%d+) '))
  if string.sub(fields[at], 1, 8) == 'runtime:' and (not last or now - last > ${SILENT_MS}) then
    redis.call('HDEL', key, fields[at])
  end
end
redis.call('PEXPIRE', key, ${FORGET_MS})
return { now, redis.call('HGETALL', key) }
`;

/** Holds, renews and gives up the right to act for a shard. */
export class Lease {
  readonly #runId: string;
  readonly #clients: NodeClients;
  /** Greatest epoch that was seen. */
  #seenEpoch = 0;
  #epoch: number | null = null;
  /** When the lease ends if it is not renewed, by our clock; 0 without one. */
  #endsAt = 0;
  /** When another one was last seen to hold it, by our clock. */
  #otherUntil = 0;
  #isLate = false;

  constructor(runId: string, clients: NodeClients) {
    this.#runId = runId;
    this.#clients = clients;
  }

  /** The epoch of the lease while it holds. */
  get epoch(): number | null {
    return performance.now() < this.#endsAt ? this.#epoch : null;
  }

  /** Milliseconds until somebody else's lease runs out, as far as is known; 0 without one. */
  get othersRemainingMs(): number {
    return Math.max(0, this.#otherUntil - performance.now());
  }

  /**
   * Tells whether the last renewal took so long to come that its lease has run out, or does so
   * before long: it counts from when it was asked for.
   */
  get isLate(): boolean {
    return this.#isLate;
  }

  /**
   * Takes or renews the lease of the shard if it may, and says that the runtime is there.
   *
   * @param others Ids of the other shards.
   * @throws RespError, `REDIS_UNAVAILABLE`; the lease then ends by itself
   */
  async beat(
    shard: ShardTopology,
    others: readonly string[],
    entry: RuntimeEntry,
  ): Promise<ShardRecord> {
    this.#isLate = false;
    const sentAt = performance.now();
    const mayTakeMissing = sentAt >= this.#otherUntil;
    const record = await this.#call(shard, "beat", others, entry, mayTakeMissing);
    const { lease } = record;
    this.#seenEpoch = Math.max(this.#seenEpoch, lease?.epoch ?? 0);
    if (lease?.holder === this.#runId) {
      this.#epoch = lease.epoch;
      this.#endsAt = sentAt + LEASE_MS - MARGIN_MS;
      this.#isLate = performance.now() - sentAt > LATE_MS;
      this.#otherUntil = 0;
    } else {
      this.#epoch = null;
      this.#endsAt = 0;
      if (lease !== null) this.#otherUntil = performance.now() + lease.remainingMs;
    }
    return record;
  }

  /** Gives the lease back, so that another runtime takes over at once. */
  async leave(shard: ShardTopology, others: readonly string[], entry: RuntimeEntry): Promise<void> {
    this.#endsAt = 0;
    await this.#call(shard, "leave", others, entry, false);
  }

  async #call(
    shard: ShardTopology,
    want: "beat" | "leave",
    others: readonly string[],
    entry: RuntimeEntry,
    mayTakeMissing: boolean,
  ): Promise<ShardRecord> {
    const args = [shard.id, this.#runId, want, LEASE_MS, this.#seenEpoch, JSON.stringify(entry)];
    const reply = await this.#clients.ask(shard.master, [
      ...["EVAL", BEAT_SCRIPT, 1, recordKey(shard), ...args],
      ...[mayTakeMissing ? 1 : 0, this.epoch ?? 0, ...others],
    ]);
    return parseRecord(reply);
  }
}

/** Reads the record of any shard. @throws RespError, `REDIS_UNAVAILABLE` */
export async function readRecord(
  clients: NodeClients,
  shard: ShardTopology,
): Promise<ShardRecord> {
  const command = ["EVAL", READ_SCRIPT, 1, recordKey(shard)];
  return parseRecord(await clients.ask(shard.master, command));
}

/** Makes the error of a runtime that does not act. */
export function standsBy(
  shardId: string,
  holder: { http: string | null } | undefined,
): PinionError {
  const where = holder?.http ? `; the one at http://${holder.http} acts` : "";
  return new PinionError(
    "STANDBY",
    `This runtime stands by for the shard ${shardId}${where}; ask that one, or try again when it ` +
      "has taken over",
  );
}
