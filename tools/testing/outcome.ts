/**
 * Outcomes of `deno test`, read from what it prints, added up and told in a closing line.
 *
 * @module
 */

/** What one run of `deno test` came to. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** Cases and steps that were skipped. */
  readonly skipped: number;
  /** Names of cases and steps that were skipped, and of those that failed. */
  readonly names: { readonly skipped: readonly string[]; readonly failed: readonly string[] };
  /** Exit code. */
  readonly code: number;
}

const NUMBER = String.raw`(\d+)`;
const STEPS = String.raw`(?: \((\d+) steps?\))?`;
/** "FAILED | 1 passed (2 steps) | 2 failed (1 step) | 3 ignored (4 steps) (10s)" */
const CLOSING = new RegExp(
  `^(?:ok|FAILED) \\| ${NUMBER} passed${STEPS} \\| ${NUMBER} failed${STEPS}` +
    `(?: \\| ${NUMBER} ignored${STEPS})?`,
);
/** "  a step ... FAILED (due to 1 failed step) (1ms)" */
const LINE = /^ *(\S.*) \.\.\. (ignored|FAILED) \(/;
/** What a run came to that did not get to its closing line, as where a module does not load. */
const BROKEN = { passed: 0, failed: 1, skipped: 0 };

/** Reads the lines of a run, one after the other. */
export class OutcomeReader {
  readonly #names = { skipped: new Set<string>(), failed: new Set<string>() };
  #counts: typeof BROKEN | null = null;

  /** Takes a line without its end. */
  read(line: string): void {
    const [, name, end] = LINE.exec(line) ?? [];
    if (end !== undefined) this.#names[end === "ignored" ? "skipped" : "failed"].add(name);
    const closing = CLOSING.exec(line);
    if (closing === null) return;
    const [passed, , failed, , ignored, ignoredSteps] = closing.slice(1).map(Number);
    this.#counts = { passed, failed, skipped: (ignored || 0) + (ignoredSteps || 0) };
  }

  /** The outcome of a run that ended with `code`. */
  end(code: number): Outcome {
    const skipped = [...this.#names.skipped];
    const failed = [...this.#names.failed];
    return { ...this.#counts ?? BROKEN, names: { skipped, failed }, code };
  }
}

/** All of some outcomes; the first code that is not 0. */
export function sumOutcomes(outcomes: readonly Outcome[]): Outcome {
  const sum = (read: (one: Outcome) => number) =>
    outcomes.reduce((total, one) => total + read(one), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    names: {
      skipped: outcomes.flatMap(({ names }) => names.skipped),
      failed: outcomes.flatMap(({ names }) => names.failed),
    },
    code: outcomes.find(({ code }) => code !== 0)?.code ?? 0,
  };
}

/**
 * The names of what was skipped and what failed, then `ok | 12 passed | 0 failed | 1 skipped (4m12s
 * in all)`.
 */
export function showOutcome(outcome: Outcome, tookMs: number): string {
  const { names, passed, failed, skipped, code } = outcome;
  const seconds = Math.round(tookMs / 1000);
  return [
    ...names.skipped.map((name) => `skipped: ${name}`),
    ...names.failed.map((name) => `failed: ${name}`),
    `${code === 0 ? "ok" : "FAILED"} | ${passed} passed | ${failed} failed | ${skipped} skipped ` +
    `(${Math.floor(seconds / 60)}m${seconds % 60}s in all)`,
  ].join("\n");
}
