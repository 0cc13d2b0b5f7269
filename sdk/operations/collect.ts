/**
 * `collect`: all records of the cluster to the initiator.
 *
 * @module
 */

import type { Operation } from "./operation.ts";

/** Source: RedisGears 1.2 `collect` (reference 3). */
export function collect(): Operation {
  return { name: "collect", compile: () => [{ type: "collect" }] };
}
