/**
 * The heartbeat of a runtime in its own shard: renews the lease, or waits for it, and says where
 * the runtime is reached. It needs nothing but the own shard's Redis.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { RespError } from "../../redis/resp_decoder.ts";
import type { OwnRuntime, Role } from "../coordinator.ts";
import { randomId } from "../../contract/text/random_id.ts";
import type { HomeShard } from "./home_shard.ts";
import { Lease, standsBy } from "./lease.ts";
import { actingRuntime, type Membership } from "./membership.ts";
import type { NodeClients } from "./node_clients.ts";
import type { RuntimeEntry } from "./shard_record.ts";

/** Time between two heartbeats, and between two surveys, in milliseconds. */
export const BEAT_MS = 500;

/** Addresses of a runtime. */
export type RuntimeAddresses = Pick<RuntimeEntry, "mesh" | "resp" | "http">;

/** Parts that a heartbeat uses. */
export interface HeartbeatDeps {
  readonly clients: NodeClients;
  readonly home: HomeShard;
  /** Takes the record of the own shard. */
  readonly membership: Membership;
  /** Told once when the shard cannot be reached, and once when it is there again. */
  readonly log: (message: string, failure?: unknown) => void;
  /** Called when the record's slot is elsewhere, or the master is none any more. */
  readonly onMisplaced: () => void;
}

/** Keeps this runtime's right to act for its shard. */
export class Heartbeat implements OwnRuntime {
  readonly runId = randomId();
  readonly #deps: HeartbeatDeps;
  readonly #lease: Lease;
  #addresses: RuntimeAddresses = { mesh: null, resp: null, http: null };
  #isFailing = false;

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps;
    this.#lease = new Lease(this.runId, deps.clients);
  }

  get role(): Role {
    return this.epoch === null ? "standby" : "acting";
  }

  get epoch(): number | null {
    return this.#lease.epoch;
  }

  requireActing(): void {
    if (this.epoch !== null) return;
    const { home, membership } = this.#deps;
    const shard = home.topology;
    if (shard === null) throw refuseWithoutSlots(home.meshId);
    const record = membership.get(shard.id);
    const holder = record.lease?.holder === this.runId ? undefined : actingRuntime(record);
    throw standsBy(shard.id, holder);
  }

  /**
   * Milliseconds until the next one, which comes sooner where a lease is about to run out: somebody
   * else's, or its own.
   */
  get pauseMs(): number {
    if (this.#lease.isLate) return 0;
    const remainingMs = this.#lease.othersRemainingMs;
    return remainingMs > 0 ? Math.min(BEAT_MS, remainingMs + 1) : BEAT_MS;
  }

  /** Says from the next one on where the runtime is reached. */
  announce(addresses: RuntimeAddresses): void {
    this.#addresses = addresses;
  }

  /** One heartbeat. Never rejects: failures are told once and tried again at the next. */
  async beat(): Promise<void> {
    const { home, membership, log, onMisplaced } = this.#deps;
    const shard = home.topology;
    try {
      if (shard !== null) {
        const record = await this.#lease.beat(shard, home.otherIds(), this.#entry());
        membership.note(shard.id, record);
      }
      if (this.#isFailing) log(`The shard ${home.meshId} is there again`);
      this.#isFailing = false;
    } catch (error) {
      if (error instanceof RespError && /^(MOVED|READONLY)/.test(error.code)) onMisplaced();
      else this.report(error);
    }
  }

  /** Tells the operator of a failure, unless one was told of since the last good heartbeat. */
  report(error: unknown): void {
    if (!this.#isFailing) {
      const message = "The lease of the shard cannot be renewed; the runtime goes on trying";
      this.#deps.log(message, error);
    }
    this.#isFailing = true;
  }

  /** Gives the lease back. Never rejects: a shard that is down has none, its lease runs out. */
  async leave(): Promise<void> {
    const { home } = this.#deps;
    if (home.topology === null) return;
    await this.#lease.leave(home.topology, home.otherIds(), this.#entry()).catch(() => {});
  }

  #entry(): RuntimeEntry {
    return { shardId: this.#deps.home.meshId, ...this.#addresses, pid: Deno.pid };
  }
}

function refuseWithoutSlots(nodeId: string): PinionError {
  return new PinionError("STANDBY", `The node ${nodeId} of this runtime has no slots to act for`);
}
