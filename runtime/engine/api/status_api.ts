/**
 * Use cases of operators: `/healthz`, `/metrics`, `/v1/limits`, `/v1/logs`.
 *
 * @module
 */

import type { Health, Metric } from "../../../contract/api/health.ts";
import type { LimitRow } from "../../../contract/api/limit_row.ts";
import type { LogLine } from "../../../contract/api/log_entry.ts";
import type { Coordinator } from "../../../coordinator/coordinator.ts";
import type { IsolatePool } from "../../../isolate/process/isolate_pool.ts";
import type { ResolvedConfig } from "../../base/config.ts";
import type { LogBook } from "../../base/log_book.ts";
import type { ShardRedis } from "../../base/shard_redis.ts";
import type { Registrations } from "../../events/registrations/registrations.ts";
import type { ExecutionStore } from "../../execution/execution_store.ts";
import type { Libraries } from "../../library/libraries.ts";
import { engineMetrics } from "./engine_metrics.ts";
import { listLimits } from "./limit_table.ts";

/** Parts whose state is shown. */
export interface StatusApiDeps {
  readonly config: ResolvedConfig;
  readonly redis: ShardRedis;
  readonly coordinator: Coordinator;
  readonly logs: LogBook;
  readonly pool: IsolatePool;
  readonly executions: ExecutionStore;
  readonly libraries: Libraries;
  readonly registrations: Registrations;
}

/** Shows the state of this runtime. */
export class StatusApi {
  readonly #deps: StatusApiDeps;
  readonly #startedAt = Date.now();

  constructor(deps: StatusApiDeps) {
    this.#deps = deps;
  }

  /** Tells whether this shard can serve. */
  // deno-lint-ignore require-await
  async health(): Promise<Health> {
    const { redis, coordinator, executions, pool } = this.#deps;
    return {
      redis: redis.isUp ? "up" : "down",
      role: coordinator.runtime.role,
      ...(redis.server !== undefined && { server: redis.server }),
      isolates: pool.size,
      executionsRunning: executions.running,
      uptimeMs: Date.now() - this.#startedAt,
    };
  }

  /** Counters and gauges since the start. */
  metrics(): Metric[] {
    const { executions, libraries, pool, redis, registrations } = this.#deps;
    return engineMetrics({
      executions,
      isolates: pool.size,
      libraries: libraries.list(),
      registrations: registrations.list(),
      redisUp: redis.isUp,
    });
  }

  /** Limits of functions and clients. */
  limits(): LimitRow[] {
    return listLimits(this.#deps.config);
  }

  /** Last lines that the runtime and the functions logged, oldest first. */
  logs(session?: string): LogLine[] {
    return this.#deps.logs.recent(session);
  }
}
