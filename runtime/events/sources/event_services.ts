/**
 * Parts of the runtime that sources of events work with.
 *
 * @module
 */

import type { Coordinator } from "../../../coordinator/coordinator.ts";
import type { ConfigStore } from "../../base/config_store.ts";
import type { LogBook } from "../../base/log_book.ts";
import type { ShardRedis } from "../../base/shard_redis.ts";
import type { ExecutionStore } from "../../execution/execution_store.ts";
import type { Chains } from "../chains/chains.ts";

/** Services of every source. */
export interface EventServices {
  readonly redis: ShardRedis;
  readonly coordinator: Coordinator;
  readonly config: ConfigStore;
  readonly logs: LogBook;
  readonly executions: ExecutionStore;
  readonly chains: Chains;
  /** Takes the resources that sources share; closed when all of them are. */
  readonly owned: AsyncDisposableStack;
}
