/**
 * Tells of a chain of registrations that was stopped.
 *
 * @module
 */

import type { LogBook } from "../log_book.ts";
import { MAX_CHAIN_DEPTH } from "./chains.ts";
import type { SourcePlace } from "./source_table.ts";

/** Time between two warnings of one registration, in milliseconds. */
const WARN_MS = 10_000;

/** Counts an event that is not run as failed, with an error that names the registration. */
export function chainEnder(
  { library, registration, statistics }: Pick<
    SourcePlace,
    "library" | "registration" | "statistics"
  >,
  logs: LogBook,
): (key: string) => void {
  let warnedAt = -Infinity;
  return (key) => {
    const message = describe(library, registration.plan.name, key);
    statistics.refused(message);
    const now = performance.now();
    if (now - warnedAt < WARN_MS) return;
    warnedAt = now;
    logs.add(library, "warning", message);
  };
}

function describe(library: string, name: string, key: string): string {
  return `LOOP Registration ${JSON.stringify(name)} of ${library} was not run for an event of ` +
    `${
      JSON.stringify(key)
    }: writes of ${MAX_CHAIN_DEPTH} executions, one after the other, led to ` +
    "it; have it write keys that do not fire it, or only where something changes";
}
