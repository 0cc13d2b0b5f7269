/**
 * Builds the engine of one shard, starts it, and stops it in order.
 *
 * @module
 */

import { delay } from "@std/async";
import { actForShard } from "../events/registrations/act_for_shard.ts";
import { watchLease } from "../session/watch_lease.ts";
import { Availability } from "./api/availability.ts";
import { ClusterApi } from "./api/cluster_api.ts";
import { DeadLettersApi } from "./api/dead_letters_api.ts";
import { ExecutionsApi } from "./api/executions_api.ts";
import { FunctionsApi } from "./api/functions_api.ts";
import { LibrariesApi } from "./api/libraries_api.ts";
import { RegistrationsApi } from "./api/registrations_api.ts";
import { ScriptsApi } from "./api/scripts_api.ts";
import { StatusApi } from "./api/status_api.ts";
import type { Engine } from "./engine.ts";
import { createEngineParts, type EngineDeps, type EngineParts } from "./engine_parts.ts";
import { joinCluster } from "./join_cluster.ts";

/**
 * Time for which a stop waits for events that are under way: others run again after the next start.
 */
const EVENTS_GRACE_MS = 1_000;

/** Builds an engine, restores its libraries and lets isolates start in advance. */
export async function createEngine(deps: EngineDeps): Promise<Engine> {
  const parts = createEngineParts(deps);
  const availability = new Availability(deps.redis, deps.coordinator.runtime);
  const apis = createApis(deps, parts, availability);
  const owned = new DisposableStack();
  const { coordinator, logs } = deps;
  owned.defer(watchLease(coordinator, logs, (reason) => parts.sessions.standDown(reason)));
  if (coordinator.mesh !== null) {
    const abort = (executionId: string) => apis.executions.abort(executionId);
    owned.use(joinCluster(coordinator.mesh, deps, parts, { abort, availability }));
  }
  parts.pool.fill();
  await parts.libraries.restore();
  owned.defer(letAct(deps, parts));
  return { ...apis, [Symbol.asyncDispose]: () => stop(parts, owned) };
}

function createApis(
  deps: EngineDeps,
  parts: EngineParts,
  availability: Availability,
): Omit<Engine, typeof Symbol.asyncDispose> {
  const { config, deadLetters, executions, keyedCalls, libraries } = parts;
  const { registrations, scripts, sessions } = parts;
  const { coordinator } = deps;
  return {
    config,
    scripts: new ScriptsApi({ scripts, sessions, libraries, availability }),
    executions: new ExecutionsApi(executions, sessions, () => coordinator.shardId),
    registrations: new RegistrationsApi(registrations, libraries, availability),
    deadLetters: new DeadLettersApi(deadLetters, registrations, availability),
    libraries: new LibrariesApi(libraries, availability),
    functions: new FunctionsApi({
      ...{ keyedCalls, availability },
      calls: libraries.calls,
      triggers: parts.commands,
      resultBytes: deps.config.limits.resultBytes,
    }),
    cluster: new ClusterApi(coordinator),
    status: new StatusApi({
      ...deps,
      ...{ executions, libraries, registrations, pool: parts.pool },
    }),
  };
}

/** Lets registrations fire while this runtime acts for its shard. Gives what ends that. */
function letAct({ coordinator, logs }: EngineDeps, parts: EngineParts): () => void {
  return actForShard(coordinator, {
    begin: async () => {
      // Another runtime may have changed them while this one stood by.
      if (coordinator.mesh !== null) await parts.libraries.sync();
      await parts.registrations.setActing(true);
    },
    end: () => parts.registrations.setActing(false),
    onError: (error) => logs.addFailure("Cannot let registrations fire yet", error),
  });
}

async function stop(parts: EngineParts, owned: DisposableStack): Promise<void> {
  owned.dispose();
  const closed = parts.registrations[Symbol.asyncDispose]();
  await within(closed, EVENTS_GRACE_MS);
  await parts.pool[Symbol.asyncDispose]();
  await closed;
  await parts.sourceResources.disposeAsync();
}

/** Waits for `promise`, but not longer than `timeoutMs`. */
async function within(promise: Promise<void>, timeoutMs: number): Promise<void> {
  const settled = new AbortController();
  await Promise.race([promise, delay(timeoutMs, { signal: settled.signal })]);
  settled.abort();
}
