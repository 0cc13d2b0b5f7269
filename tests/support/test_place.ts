/**
 * What a test needs of the place that it runs in: one shard or a cluster.
 *
 * @module
 */

import type { RespValue } from "../../redis/resp_decoder.ts";
import type { RespArgument } from "../../redis/resp_encoder.ts";
import type { Engine } from "../../runtime/engine/engine.ts";
import type { ExecutionOutcome } from "../../contract/api/execution_info.ts";
import type { ScriptOptions } from "../../contract/api/script_outcome.ts";

/** See the module. */
export interface TestPlace {
  readonly engine: Engine;
  /** Lines that were logged, as `source level message`. */
  readonly logs: readonly string[];
  /** Port of a Redis server of the place. */
  readonly redisPort: number;
  /** Runs a script that ends with a `run()`; its results and errors. */
  run(source: string, options?: ScriptOptions): Promise<ExecutionOutcome>;
  /** As `run`, for scripts without errors. */
  results(source: string): Promise<readonly unknown[]>;
  /** Runs one command on the shard that owns its key. @throws RespError */
  ask(...command: readonly RespArgument[]): Promise<RespValue>;
  /** Runs many commands at once; their replies, errors as values. */
  pipeline(commands: readonly (readonly RespArgument[])[]): Promise<RespValue[]>;
  /** Deletes every key. */
  clear(): Promise<void>;
}
