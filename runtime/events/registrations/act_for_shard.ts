/**
 * Lets registrations fire while this runtime acts for its shard, and only then.
 *
 * @module
 */

import type { Coordinator } from "../../../coordinator/coordinator.ts";

/** Pause before another try to begin, in milliseconds. */
const RETRY_MS = 500;

/** What is told of it. */
export interface ShardActor {
  /** This runtime acts now: begin. What it throws is told, and it is called again. */
  begin(): Promise<void>;
  /** It does not act any more: take nothing new. */
  end(): Promise<void>;
  /** Told once per attempt in a row why it did not begin. */
  onError(error: unknown): void;
}

/** Follows the role. Gives a function that ends it. */
export function actForShard(coordinator: Coordinator, actor: ShardActor): () => void {
  let isActing = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let turn: Promise<void> = Promise.resolve();
  const begin = (isFirst: boolean): void => {
    turn = turn.then(async () => {
      if (!isActing) return;
      try {
        await actor.begin();
      } catch (error) {
        if (isFirst) actor.onError(error);
        timer = setTimeout(() => begin(false), RETRY_MS);
      }
    });
  };
  const look = (): void => {
    const acts = coordinator.role === "acting";
    if (acts === isActing) return;
    isActing = acts;
    clearTimeout(timer);
    if (acts) begin(true);
    else turn = turn.then(() => actor.end().catch((error) => actor.onError(error)));
  };
  const stop = coordinator.onChange(look);
  look();
  return () => {
    isActing = false;
    clearTimeout(timer);
    stop();
  };
}
