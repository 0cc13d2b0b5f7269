/**
 * Errors of a distributed execution that cannot go on: each names the shard and the reason.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";

/** Source: reference 4.5. Differs: it names the shard. */
export function wasSilent(shardId: string, idleMs: number): PinionError {
  return new PinionError(
    "SHARD_LOST",
    `Execution max idle reached: shard ${shardId} gave no sign of life for ${idleMs} ms ` +
      "(ExecutionMaxIdleTime)",
  );
}

/** An error of another shard's part, with its name. */
export function failedOn(shardId: string, error: PinionError): PinionError {
  if (error.message.includes(shardId)) return error;
  const { code, message, location, authorStack } = error;
  return new PinionError(code, `Shard ${shardId}: ${message}`, { location, authorStack });
}

/**
 * Tells whether what other shards gave until then is worth keeping: the author's code did not fail.
 */
export function isLoss(error: PinionError): boolean {
  return error.code === "SHARD_LOST";
}
