/**
 * Examines faults one after the other in some copies at once.
 *
 * @module
 */

import { Baseline } from "./baseline.ts";
import { type Examination, examine, type SearchBudget, type Verdict } from "./examine.ts";
import type { Fault } from "./fault.ts";
import { drawGraph } from "./import_graph.ts";
import { NearestTests } from "./nearest_tests.ts";
import type { Checkout } from "./checkout.ts";
import { ThrowawayCopy } from "./throwaway_copy.ts";

/** How a run goes. */
export interface FaultRunOptions {
  readonly budget: SearchBudget;
  /** Copies that faults are examined in at once. */
  readonly jobs: number;
  /** Folder that the copies are made in; the system's temporary one where there is none. */
  readonly dir?: string;
  readonly signal: AbortSignal;
  /** Told of each verdict when it is known. */
  readonly onVerdict: (verdict: Verdict) => void;
}

/** Everything that a run found. */
export interface RunOutcome {
  readonly verdicts: readonly Verdict[];
  /** Test files that fail without a fault. */
  readonly excluded: readonly string[];
}

/** Examines faults; all copies are gone afterwards. @throws what the signal was aborted with */
export async function runFaults(
  checkout: Checkout,
  faults: readonly Fault[],
  { budget, jobs, dir, signal, onVerdict }: FaultRunOptions,
): Promise<RunOutcome> {
  const baseline = new Baseline();
  const graph = drawGraph(checkout.sources, checkout.aliases);
  const failing = new AbortController();
  const examination: Examination = {
    ...{ checkout, graph, baseline, budget },
    nearest: new NearestTests(graph, checkout.sources),
    signal: AbortSignal.any([signal, failing.signal]),
  };
  const waiting = [...faults];
  const verdicts: Verdict[] = [];
  const work = async () => {
    try {
      await using copy = await ThrowawayCopy.create(checkout, dir);
      for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
        const verdict = await examine(fault, copy, examination);
        verdicts.push(verdict);
        onVerdict(verdict);
      }
    } catch (error) {
      failing.abort(error);
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: jobs }, work));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return { verdicts, excluded: baseline.excluded };
}
