/**
 * Failures of Redis to store a change.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";

/** Names the reason why Redis did not store a change. */
export function toStoreError(error: unknown): PinionError {
  if (error instanceof PinionError) return error;
  if (error instanceof Error && error.name === "ReplyError") {
    const message = `Nothing was changed: Redis answered ${error.message}`;
    return new PinionError("REDIS_ERROR", message, { cause: error });
  }
  return new PinionError(
    "REDIS_UNAVAILABLE",
    "Nothing was changed: Redis did not store the library; try again when it is back",
    { cause: error },
  );
}
