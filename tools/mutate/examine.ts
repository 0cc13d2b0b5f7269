/**
 * Finds out who sees one fault: plants it in a copy and runs the tests nearest to it.
 *
 * @module
 */

import type { Baseline } from "./baseline.ts";
import type { Fault } from "./fault.ts";
import type { ImportGraph } from "./import_graph.ts";
import type { NearestTests } from "./nearest_tests.ts";
import type { Checkout } from "./checkout.ts";
import { checkTypes, runTest, type TestOutcome } from "./test_run.ts";
import type { ThrowawayCopy } from "./throwaway_copy.ts";

/** What came of a fault. */
export interface Verdict {
  readonly fault: Fault;
  readonly kind: "seen" | "unseen" | "hang";
  /** Test file and case, `type check`, or empty. */
  readonly by: string;
  /** Test files that were run. */
  readonly tests: number;
  readonly seconds: number;
}

/** Bounds of the search for one fault. */
export interface SearchBudget {
  readonly maxTests: number;
  readonly faultMs: number;
  readonly caseMs: number;
}

/** Everything that examining a fault takes. */
export interface Examination {
  readonly checkout: Checkout;
  readonly graph: ImportGraph;
  readonly nearest: NearestTests;
  readonly baseline: Baseline;
  readonly budget: SearchBudget;
  readonly signal: AbortSignal;
}

/** Bound of a file without a fault, in budgets of a fault. */
const BASELINE_BUDGETS = 2;
/** Tests that take more than this part of a fault's time come last. */
const SLOW_SHARE = 3;

/** Examines a fault; afterwards the copy is as it was. */
export async function examine(
  fault: Fault,
  copy: ThrowawayCopy,
  examination: Examination,
): Promise<Verdict> {
  const search = new Search(fault, copy, examination);
  await search.plant(true);
  try {
    return await search.run();
  } finally {
    await search.plant(false);
    await copy.removeBuilt();
  }
}

class Search {
  readonly #fault: Fault;
  readonly #copy: ThrowawayCopy;
  readonly #with: Examination;
  readonly #startedMs = performance.now();
  #tests = 0;
  #hang = "";
  #leftMs: number;

  constructor(fault: Fault, copy: ThrowawayCopy, examination: Examination) {
    this.#fault = fault;
    this.#copy = copy;
    this.#with = examination;
    this.#leftMs = examination.budget.faultMs;
  }

  async plant(isPlanted: boolean): Promise<void> {
    const { path } = this.#fault;
    await this.#copy.write(this.#fault, this.#with.checkout.sources.get(path)!, isPlanted);
  }

  async run(): Promise<Verdict> {
    const { nearest, baseline, budget } = this.#with;
    for (const test of baseline.order(nearest.of(this.#fault), budget.faultMs / SLOW_SHARE)) {
      if (this.#tests >= budget.maxTests || this.#leftMs <= 0) break;
      const outcome = await this.#tryTest(test);
      if (outcome?.kind === "failed") return this.#verdict("seen", `${test}: ${outcome.name}`);
      if (outcome?.kind === "hung") this.#hang ||= `${test}: ${outcome.name}`;
    }
    const isTyped = await checkTypes(this.#copy, this.#readers());
    // Ctrl-C ends a check as well.
    this.#with.signal.throwIfAborted();
    if (!isTyped) return this.#verdict("seen", "type check");
    return this.#hang === "" ? this.#verdict("unseen", "") : this.#verdict("hang", this.#hang);
  }

  /** Runs a test; null where what it says is no news, because it says so without the fault. */
  async #tryTest(test: string): Promise<TestOutcome | null> {
    const { baseline, budget, signal } = this.#with;
    const began = performance.now();
    const limits = { caseMs: budget.caseMs, fileMs: this.#leftMs };
    const outcome = await runTest(this.#copy, test, limits, signal);
    const tookMs = performance.now() - began;
    this.#leftMs -= tookMs;
    this.#tests++;
    if (outcome.kind === "passed") baseline.passed(test);
    // A file that hangs by a fault is not a slow one.
    if (outcome.kind === "passed" || outcome.kind === "late") baseline.took(test, tookMs);
    if (outcome.kind === "passed" || outcome.kind === "late") return null;
    return await baseline.isGood(test, () => this.#runUnchanged(test)) ? outcome : null;
  }

  async #runUnchanged(test: string): Promise<boolean> {
    const { budget: { caseMs, faultMs }, signal } = this.#with;
    await this.plant(false);
    const limits = { caseMs, fileMs: BASELINE_BUDGETS * faultMs };
    const { kind } = await runTest(this.#copy, test, limits, signal);
    await this.plant(true);
    return kind === "passed" || kind === "late";
  }

  /** The changed file and those that import it. */
  #readers(): string[] {
    const { path } = this.#fault;
    const users = (this.#with.graph.get(path) ?? []).map(({ user }) => user);
    return [...new Set([path, ...users])];
  }

  #verdict(kind: Verdict["kind"], by: string): Verdict {
    const seconds = Math.round((performance.now() - this.#startedMs) / 100) / 10;
    return { fault: this.#fault, kind, by, tests: this.#tests, seconds };
  }
}
