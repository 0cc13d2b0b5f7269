/**
 * Tells of executions that have failed without having said so themselves: those of a chain that was
 * stopped, and those whose isolate did not survive them.
 *
 * @module
 */

import type { LogBook } from "../../base/log_book.ts";
import { MAX_CHAIN_DEPTH } from "../chains/chains.ts";
import type { SourcePlace } from "../source/source_kind.ts";

/** Time between two warnings of one kind of one registration, in milliseconds. */
const WARN_MS = 10_000;

/** Whose executions they are. */
type Teller = Pick<SourcePlace, "library" | "registration" | "statistics">;

/** Counts an event that is not run as failed, with an error that names the registration. */
export function chainEnder(place: Teller, logs: LogBook): (key: string) => void {
  const tell = failureTeller(place, logs);
  return (key) => {
    const error = describeChain(place.library, place.registration.plan.name, key);
    tell(error, error);
  };
}

/** Counts and logs executions that no isolate survived. */
export function deathReporter(place: Teller, logs: LogBook): (error: string) => void {
  const tell = failureTeller(place, logs);
  const name = JSON.stringify(place.registration.plan.name);
  return (error) => tell(error, `An execution of ${name} failed, run alone: ${error}`);
}

/** Counts each failure, and warns of one now and then. */
function failureTeller(
  { library, statistics }: Teller,
  logs: LogBook,
): (error: string, warning: string) => void {
  let warnedAt = -Infinity;
  return (error, warning) => {
    statistics.refused(error);
    const now = performance.now();
    if (now - warnedAt < WARN_MS) return;
    warnedAt = now;
    logs.add(library, "warning", warning);
  };
}

function describeChain(library: string, name: string, key: string): string {
  return `LOOP Registration ${JSON.stringify(name)} of ${library} was not run for an event of ` +
    `${
      JSON.stringify(key)
    }: writes of ${MAX_CHAIN_DEPTH} executions, one after the other, led to ` +
    "it; have it write keys that do not fire it, or only where something changes";
}
