/**
 * Waits until an execution can reach every other shard.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";

/** Links that are waited for. */
export interface LinkWait {
  /** Ids of the shards that are not linked. */
  readonly unlinked: () => readonly string[];
  /** Calls back after something has changed. Gives a function that ends the calls. */
  readonly onChange: (callback: () => void) => () => void;
}

/**
 * Resolves when no shard is unlinked any more.
 *
 * @throws `SHARD_LOST` that names those that are after `timeoutMs`; the reason of `signal`
 */
export async function untilLinked(
  { unlinked, onChange }: LinkWait,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const linked = Promise.withResolvers<void>();
  const stop = onChange(() => {
    if (unlinked().length === 0) linked.resolve();
  });
  const giveUp = () => linked.reject(signal?.reason);
  const timer = setTimeout(() => linked.reject(notLinked(unlinked())), timeoutMs);
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    signal?.throwIfAborted();
    await linked.promise;
  } finally {
    stop();
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

function notLinked(shardIds: readonly string[]): PinionError {
  const names = shardIds.length === 1 ? `shard ${shardIds[0]}` : `shards ${shardIds.join(", ")}`;
  return new PinionError(
    "SHARD_LOST",
    `No runtime of the ${names} could be reached; start one beside its Redis, or look at ` +
      "`pinion cluster`",
  );
}
