/**
 * Notices that another runtime has taken over from this one.
 *
 * @module
 */

import type { Coordinator } from "../../coordinator/coordinator.ts";
import { PinionError } from "../../errors.ts";
import type { LogBook } from "../base/log_book.ts";

/**
 * Calls `standDown` when this runtime has acted for its shard and another one does now. A lease that
 * only could not be renewed in time, and that nobody else has, ends nothing that is under way.
 *
 * @returns a function that ends the watch
 */
export function watchLease(
  coordinator: Coordinator,
  logs: LogBook,
  standDown: (reason: PinionError) => Promise<void>,
): () => void {
  let hasActed = false;
  return coordinator.onChange(() => {
    if (coordinator.role === "acting") {
      if (!hasActed) logs.add("pinion", "notice", `It acts for the shard ${coordinator.shardId}`);
      hasActed = true;
      return;
    }
    const own = coordinator.shards().find(({ id }) => id === coordinator.shardId);
    if (!hasActed || own === undefined) return;
    if (own.runId === null || own.runId === coordinator.runId) return;
    hasActed = false;
    logs.add("pinion", "warning", `Another runtime acts for the shard ${coordinator.shardId} now`);
    const reason = new PinionError(
      "STANDBY",
      "It was stopped: another runtime has taken over this shard meanwhile; run it again there",
    );
    standDown(reason).catch((error) => logs.addFailure("Cannot stop what was under way", error));
  });
}
