/**
 * Registrations as the whole cluster has them: the figures of all shards together.
 *
 * @module
 */

import { z } from "zod";
import { ClusterStatus, RegistrationInfo } from "../../contract/api/schemas.ts";
import { Client, type RemoteInput } from "../base/client.ts";

/** Figures that are sums over the shards. */
const SUMS = [
  "numTriggered",
  "numSuccess",
  "numFailures",
  "numAborted",
  "numSkipped",
  "totalRunDurationMs",
] as const;
/** Figures of which the shard with the greatest counts. */
const MAXIMA = ["lastRunDurationMs", "lastEstimatedLagMs", "avgEstimatedLagMs"] as const;
/** The statuses, the one first that needs a look most. */
const SEVERITY = ["ABORTED", "WAITING_FOR_RETRY_ON_FAILURE", "DRAINING", "PAUSED", "OK"] as const;

/** A runtime that has not answered by then is silent. */
const SILENT_MS = 2_000;

/** A registration on one shard. */
type ShardRegistration = z.infer<typeof RegistrationInfo>;

/** A registration with how many shards it was asked of. */
export type ClusterRegistration = z.infer<typeof ClusterRegistration>;
/** See {@linkcode ClusterRegistration}. */
export const ClusterRegistration = RegistrationInfo.extend({ shards: z.int() });

/** What was found, and when. */
export interface FoundRegistrations {
  readonly registrations: readonly ClusterRegistration[];
  /** Shards whose runtime did not answer: their figures are missing. */
  readonly silent: readonly string[];
  /** By this process' clock, in milliseconds. */
  readonly at: number;
}

/** Reads them from every shard's acting runtime. @throws where the runtime at `url` does not answer */
export async function readRegistrations(
  input: RemoteInput,
  isShardOnly: boolean,
  signal: AbortSignal,
): Promise<FoundRegistrations> {
  const own = new Client(input);
  const read = (client: Client, signal: AbortSignal) =>
    client.get(z.array(RegistrationInfo), "/v1/registrations", { signal });
  const at = performance.now();
  const { clustered, shards, myRunId } = await own.get(ClusterStatus, "/v1/cluster", { signal });
  if (!clustered || isShardOnly) {
    return { registrations: together([await read(own, signal)]), silent: [], at };
  }
  const silent: string[] = [];
  const lists = await Promise.all(shards.map(async ({ id, runtimes }) => {
    const acting = runtimes.find(({ role }) => role === "acting");
    const isAsked = acting !== undefined && acting.runId === myRunId;
    const client = isAsked
      ? own
      : acting?.http && new Client({ ...input, url: `http://${acting.http}` });
    // One that hangs still takes connections.
    const soon = AbortSignal.any([signal, AbortSignal.timeout(SILENT_MS)]);
    const list = client && await read(client, soon).catch(() => null);
    if (list) return list;
    signal.throwIfAborted();
    silent.push(id);
    return [];
  }));
  return { registrations: together(lists), silent, at };
}

/** The registrations of several shards, each once: by library, in the order in which they were made. */
export function together(lists: readonly (readonly ShardRegistration[])[]): ClusterRegistration[] {
  const found = new Map<string, ClusterRegistration>();
  for (const registration of lists.flat()) {
    const before = found.get(registration.id);
    found.set(registration.id, before ? add(before, registration) : { ...registration, shards: 1 });
  }
  return [...found.values()].sort((a, b) =>
    a.library.localeCompare(b.library) || a.id.localeCompare(b.id, "en", { numeric: true })
  );
}

function add(sum: ClusterRegistration, one: ShardRegistration): ClusterRegistration {
  const worse = SEVERITY.indexOf(one.status) < SEVERITY.indexOf(sum.status) ? one : sum;
  const total = { ...sum, shards: sum.shards + 1, status: worse.status, reason: worse.reason };
  for (const figure of SUMS) total[figure] = sum[figure] + one[figure];
  for (const figure of MAXIMA) total[figure] = Math.max(sum[figure], one[figure]);
  const ended = total.numSuccess + total.numFailures + total.numAborted;
  total.avgRunDurationMs = ended === 0 ? 0 : total.totalRunDurationMs / ended;
  total.lastError = sum.lastError ?? one.lastError;
  if (one.backlog !== null) total.backlog = (sum.backlog ?? 0) + one.backlog;
  return total;
}
