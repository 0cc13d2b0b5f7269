/**
 * Builds the parts of one shard's engine and ties them together. Nothing starts here.
 *
 * @module
 */

import type { Coordinator } from "../../coordinator/coordinator.ts";
import type { IsolateOptions } from "../../isolate/process/isolate.ts";
import { IsolatePool } from "../../isolate/process/isolate_pool.ts";
import type { ResolvedConfig } from "../base/config.ts";
import { ConfigStore } from "../base/config_store.ts";
import type { LogBook } from "../base/log_book.ts";
import type { ShardRedis } from "../base/shard_redis.ts";
import { Chains } from "../events/chains/chains.ts";
import { createSources } from "../events/create_sources.ts";
import { DeadLetters } from "../events/dead_letters/dead_letters.ts";
import { RecentExecutions } from "../events/delivery/recent_executions.ts";
import { RegistrationStore } from "../events/registrations/registration_store.ts";
import { Registrations } from "../events/registrations/registrations.ts";
import type { CallReply } from "../events/sources/commands/call_reply.ts";
import { CommandTriggers } from "../events/sources/commands/command_triggers.ts";
import { KeyedCalls } from "../events/sources/commands/keyed_calls.ts";
import { ExecutionStore } from "../execution/execution_store.ts";
import { toDeployment } from "../library/keep_script.ts";
import { Libraries } from "../library/libraries.ts";
import { LibraryStore } from "../library/store/library_store.ts";
import { Scripts } from "../library/scripts.ts";
import { Sessions } from "../session/sessions.ts";

/** Services that an engine is built from. */
export interface EngineDeps {
  readonly config: ResolvedConfig;
  readonly redis: ShardRedis;
  readonly coordinator: Coordinator;
  readonly logs: LogBook;
  readonly isolateOptions: IsolateOptions;
}

/** Parts of an engine, floor by floor. */
export type EngineParts = ReturnType<typeof createEngineParts>;

/** Builds all parts. `sourceResources` is what the sources of registrations leave to be closed. */
export function createEngineParts(deps: EngineDeps) {
  const config = new ConfigStore();
  const sourceResources = new AsyncDisposableStack();
  const base = createBase(deps, config);
  const sessions = createSessions(deps, config, base);
  const commands = new CommandTriggers<CallReply>();
  const registrations = createRegistrations(deps, config, {
    ...base,
    ...{ sessions, commands, owned: sourceResources },
  });
  const libraries = createLibraries(deps, { ...base, sessions, registrations });
  const scripts = createScripts(deps, { ...base, sessions, libraries });
  config.onExtra = () => sessions.broadcastConfig();
  return {
    ...base,
    ...{ config, sessions, commands, registrations, libraries, scripts, sourceResources },
    keyedCalls: new KeyedCalls(deps.coordinator, commands),
    deadLetters: new DeadLetters(deps.redis),
  };
}

type Base = ReturnType<typeof createBase>;

/** Isolates, executions and chains: they know nothing of the parts above them. */
function createBase({ coordinator, ...deps }: EngineDeps, config: ConfigStore) {
  return {
    pool: new IsolatePool(
      deps.isolateOptions,
      deps.config.isolates,
      (error) => deps.logs.addFailure("Cannot start an isolate", error),
    ),
    executions: new ExecutionStore(() => coordinator.shardId, config),
    chains: new Chains(
      (key) => !coordinator.isClustered || coordinator.ownerOf(key) === coordinator.shardId,
    ),
  };
}

function createSessions(deps: EngineDeps, config: ConfigStore, base: Base): Sessions {
  const { coordinator, isolateOptions, logs } = deps;
  return new Sessions({
    ...base,
    ...{ logs, config, coordinator },
    redis: { address: isolateOptions.redis, clustered: isolateOptions.clustered },
  });
}

function createRegistrations(
  { redis, coordinator, logs }: EngineDeps,
  config: ConfigStore,
  { executions, chains, commands, owned, sessions }: Base & {
    readonly sessions: Sessions;
    readonly commands: CommandTriggers<CallReply>;
    readonly owned: AsyncDisposableStack;
  },
): Registrations {
  return new Registrations({
    sources: createSources({
      ...{ redis, coordinator, logs, config },
      ...{ executions, chains, commands, owned },
    }),
    store: new RegistrationStore(redis, coordinator),
    logs,
    isClustered: () => coordinator.isClustered,
    keepExecutions: () => new RecentExecutions(executions, config),
    onListens: (patterns) => sessions.setListens(patterns),
  });
}

function createLibraries(
  { config, logs, redis }: EngineDeps,
  parts: Base & { readonly sessions: Sessions; readonly registrations: Registrations },
): Libraries {
  const { executions, registrations, sessions } = parts;
  return new Libraries({
    ...{ sessions, executions, registrations, logs },
    store: new LibraryStore(() => redis.shared),
    limits: config.limits,
    grantable: config,
  });
}

function createScripts(
  { config }: EngineDeps,
  parts: Base & { readonly sessions: Sessions; readonly libraries: Libraries },
): Scripts {
  const { executions, libraries, sessions } = parts;
  return new Scripts({
    ...{ sessions, executions },
    limits: config.limits,
    keep: {
      has: (id) => libraries.has(id),
      idFor: (plan, replaced) => libraries.idFor(plan, replaced),
      keep: async (script) => void await libraries.deploy(toDeployment(script)),
    },
  });
}
