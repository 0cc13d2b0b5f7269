/**
 * The table of checks: this machine first, then the runtime, then what the runtime sees.
 *
 * @module
 */

import { PROGRAM, TASK } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { findServer } from "../../servers/server_binary.ts";
import { ClusterStatus } from "../../contract/api/cluster_status.ts";
import { DeadLetterQueue } from "../../contract/api/dead_letter_info.ts";
import { Health } from "../../contract/api/health.ts";
import { Client, type RemoteInput } from "../base/client.ts";
import { readRegistrations } from "../registrations/all_shards.ts";
import { nameOf } from "../registrations/registration_view.ts";
import { formatBytes, formatCount, formatDuration } from "../ui/format.ts";
import { type Check, fail, type Finding, ok, warn } from "./doctor_check.ts";

const MIN_DENO = "2.9.0";
const MIN_REDIS = "6.2.0";
/** Below this, a runtime with a few isolates and a small Redis gets into trouble. */
const MIN_MEMORY_BYTES = 512 * 1024 * 1024;
/** Ports that `start` listens on by default. */
const DEFAULT_PORTS = [6380, 7480, 7481];
/** States in which a registration does not run, though nobody has paused it. */
const STANDS_STILL = new Set(["ABORTED", "WAITING_FOR_RETRY_ON_FAILURE"]);

/** The checks, in the order in which they are shown. */
export const CHECKS: readonly Check[] = [
  { name: "deno", look: checkDeno },
  { name: "redis-server", look: checkServerProgram },
  { name: "memory", look: checkMemory },
  { name: "runtime", look: checkRuntime },
  { name: "redis", look: checkRedis },
  { name: "events", look: checkEvents },
  { name: "ports", look: checkPorts },
];

function checkDeno(): Promise<Finding> {
  const { deno } = Deno.version;
  return Promise.resolve(
    isAtLeast(deno, MIN_DENO)
      ? ok(`deno ${deno}`)
      : fail(`deno ${deno}`, `install ${MIN_DENO} or later: \`deno upgrade\`, or \`npx deno\``),
  );
}

async function checkServerProgram(): Promise<Finding> {
  const server = await findServer();
  if (server === undefined) {
    return warn(
      "neither redis-server nor valkey-server runs here",
      "install one (Debian: apt-get install redis-server), or use yours: start --redis URL",
    );
  }
  return checkRedisVersion(server.version);
}

/** @param version Such as `redis 7.0.15`. */
function checkRedisVersion(version: string): Finding {
  const number = /\d+\.\d+\.\d+/.exec(version)?.[0];
  return number === undefined || isAtLeast(number, MIN_REDIS)
    ? ok(version)
    : warn(version, `${MIN_REDIS} or later is what Pinion is tested with`);
}

function checkMemory(): Promise<Finding> {
  const { available } = Deno.systemMemoryInfo();
  const found = `${formatBytes(available)} available`;
  return Promise.resolve(
    available >= MIN_MEMORY_BYTES
      ? ok(found)
      : warn(found, "free some, or limit libraries with --memory-mb and Redis with maxmemory"),
  );
}

async function checkRuntime(remote: RemoteInput, signal: AbortSignal): Promise<Finding> {
  const client = new Client(remote);
  try {
    const health = await client.get(Health, "/healthz", { signal });
    await client.get(ClusterStatus, "/v1/cluster", { signal }); // which wants the token
    return ok(`${client.origin}, up for ${formatDuration(health.uptimeMs)}`);
  } catch (error) {
    const { code, message } = PinionError.from(error);
    const advice = code === "NOT_AUTHENTICATED"
      ? "give its token: --token or PINION_TOKEN"
      : `start one with \`${TASK} start\`, or name another with --url or PINION_URL`;
    return fail(message, advice);
  }
}

async function checkRedis(remote: RemoteInput, signal: AbortSignal): Promise<Finding> {
  const advice = "start Redis again; the runtime connects by itself";
  try {
    const health = await new Client(remote).get(Health, "/healthz", { signal });
    if (health.redis === "down") return fail("the runtime cannot reach its Redis", advice);
    return checkRedisVersion(health.server ?? "up");
  } catch {
    return warn("not known: no runtime answers", "see above");
  }
}

/** Tells whether registrations run, and whether they have given up anything. */
async function checkEvents(remote: RemoteInput, signal: AbortSignal): Promise<Finding> {
  try {
    const { registrations } = await readRegistrations(remote, false, signal);
    const queues = await new Client(remote).get(z.array(DeadLetterQueue), "/v1/dlq", { signal });
    const letters = queues.reduce((sum, queue) => sum + queue.letters, 0);
    const count = formatCount(registrations.length, "registration");
    const still = registrations.find(({ status }) => STANDS_STILL.has(status));
    if (still !== undefined) {
      const { status, reason = "no reason is known" } = still;
      const what = status === "ABORTED" ? "has stopped" : "waits to try again";
      const name = nameOf(still);
      const advice = status === "ABORTED"
        ? `mend its cause, then \`${PROGRAM} registrations resume '${name}'\``
        : `it goes on by itself; \`${PROGRAM} registrations show '${name}'\``;
      return warn(`${count}, ${name} ${what}: ${reason}`, advice);
    }
    if (letters === 0) return ok(`${count}, nothing was given up`);
    return warn(
      `${count}, ${formatCount(letters, "event")} given up`,
      `\`${PROGRAM} dlq list\` shows by whom, \`dlq show\` why, \`dlq replay\` runs them again`,
    );
  } catch {
    return warn("not known: no runtime answers", "see above");
  }
}

async function checkPorts(remote: RemoteInput, signal: AbortSignal): Promise<Finding> {
  const taken = DEFAULT_PORTS.filter((port) => !isFree(port));
  if (taken.length === 0) return ok(`${DEFAULT_PORTS.join(", ")} are free`);
  const byRuntime = (await checkRuntime(remote, signal)).status === "ok";
  const found = `${taken.join(", ")} ${taken.length === 1 ? "is" : "are"} in use`;
  return byRuntime ? ok(`${found}, and a runtime answers`) : warn(
    found,
    "end what listens there, or start with other ports: --resp, --http, --mesh",
  );
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}

/** Compares `major.minor.patch`; what follows is of no account. */
function isAtLeast(version: string, least: string): boolean {
  const [have, want] = [version, least].map((text) => text.split(/[.+-]/).slice(0, 3).map(Number));
  const at = have.findIndex((part, index) => part !== want[index]);
  return at < 0 || have[at] > want[at];
}
