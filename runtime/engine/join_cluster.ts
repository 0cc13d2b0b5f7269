/**
 * Lets a shard take part in the executions of other shards, and them in its own.
 *
 * @module
 */

import type { Mesh } from "../../coordinator/mesh/mesh.ts";
import { ClusterExecutions } from "../execution/cluster_executions.ts";
import type { PartPort } from "../execution/part.ts";
import type { Availability } from "./api/availability.ts";
import type { EngineDeps, EngineParts } from "./engine_parts.ts";

/**
 * Answers the mesh for sessions, libraries and registrations until the stack is disposed of.
 *
 * @param abort Ends an execution that another shard asks to end.
 */
export function joinCluster(
  mesh: Mesh,
  deps: EngineDeps,
  parts: EngineParts,
  { abort, availability }: {
    readonly abort: (executionId: string) => Promise<void>;
    readonly availability: Availability;
  },
): DisposableStack {
  const { config, executions, libraries, registrations, sessions } = parts;
  const { coordinator } = deps;
  const cluster = new ClusterExecutions({
    ...{ mesh, coordinator, executions, config },
    host: createPartHost(deps, parts, availability),
    resultBytes: deps.config.limits.resultBytes,
  });
  cluster.onAbort = abort;
  sessions.cluster = cluster;
  const joined = new DisposableStack();
  joined.use(libraries.join(mesh));
  joined.use(registrations.join(mesh));
  return joined;
}

function createPartHost(
  { redis }: EngineDeps,
  { libraries, scripts }: EngineParts,
  availability: Availability,
): PartPort {
  return {
    prepare: (executionId, origin, recording) =>
      availability.whileUp(() =>
        origin.kind === "script"
          ? scripts.prepare(executionId, origin, recording)
          : libraries.calls.prepare(origin)
      ),
    checkHealth: () => redis.checkHealth(),
  };
}
