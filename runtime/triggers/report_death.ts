/**
 * Says that an execution has failed that could not say it itself: its isolate did not survive it.
 *
 * @module
 */

import type { LogBook } from "../log_book.ts";
import type { SourcePlace } from "./source_table.ts";

/** Time between two warnings, in milliseconds. */
const WARN_MS = 10_000;

/** Counts and logs such failures of a registration. */
export function deathReporter(
  { library, registration, statistics }: Pick<
    SourcePlace,
    "library" | "registration" | "statistics"
  >,
  logs: LogBook,
): (error: string) => void {
  let warnedAt = -Infinity;
  return (error) => {
    statistics.refused(error);
    const now = performance.now();
    if (now - warnedAt < WARN_MS) return;
    warnedAt = now;
    const name = JSON.stringify(registration.plan.name);
    logs.add(library, "warning", `An execution of ${name} failed, run alone: ${error}`);
  };
}
