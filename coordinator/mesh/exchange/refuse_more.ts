/**
 * The refusal of what goes beyond a limit of an exchange.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";

/** Makes the error of a request or channel that is one too many. */
export function refuseMore(shardId: string, why: string): PinionError {
  return new PinionError(
    "LIMIT_MESH",
    `Cannot begin more with shard ${shardId}: ${why}; try again later`,
  );
}
