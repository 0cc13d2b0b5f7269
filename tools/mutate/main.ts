/**
 * `deno task mutate`: plants faults of one line in the product, and prints which tests see them.
 *
 * Each fault is planted alone, in a copy of the checkout that is gone at the end. Exit code 1 says
 * that the tests saw less than they have to, 2 that the arguments are wrong, 130 an interruption.
 *
 * @module
 */

import type { Fault } from "./fault.ts";
import { type MutateArguments, readArguments, USAGE } from "./arguments.ts";
import { chooseFaults } from "./choose_faults.ts";
import { type Checkout, productSources, readCheckout } from "./checkout.ts";
import { showSummary, showVerdict, sumUp, toJson, WANTED_PERCENT } from "./report.ts";
import { runFaults } from "./run_faults.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const INTERRUPTIONS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const options = tryReadArguments(args);
  if (options === null) return 2;
  if (options.isHelp) {
    console.log(USAGE);
    return 0;
  }
  const checkout = await readCheckout(ROOT);
  const faults = choose(checkout, options);
  if (faults.length === 0) {
    console.error("No place for such a fault in these files");
    return 2;
  }
  if (options.isList) return listFaults(faults);
  return await runUntilInterrupted(checkout, faults, options);
}

function tryReadArguments(args: readonly string[]): MutateArguments | null {
  try {
    return readArguments(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return null;
  }
}

function choose(checkout: Checkout, { seed, count, kind, places }: MutateArguments): Fault[] {
  const sources = productSources(checkout, places.map(({ path }) => path));
  const isThere = (fault: Fault) =>
    places.length === 0 ||
    places.some(({ path, line }) =>
      line === null ? fault.path.startsWith(path) : fault.path === path && fault.line === line
    );
  const isWanted = (fault: Fault) => (kind === undefined || fault.kind === kind) && isThere(fault);
  return chooseFaults(sources, seed, count, isWanted);
}

function listFaults(faults: readonly Fault[]): number {
  for (const { path, line, kind, before, after } of faults) {
    console.log(`${path}:${line} | ${kind} | "${before}" => "${after}"`);
  }
  return 0;
}

async function runUntilInterrupted(
  checkout: Checkout,
  faults: readonly Fault[],
  options: MutateArguments,
): Promise<number> {
  const interruption = new AbortController();
  for (const name of INTERRUPTIONS) Deno.addSignalListener(name, () => interruption.abort(name));
  try {
    return await run(checkout, faults, options, interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted || error !== interruption.signal.reason) throw error;
    console.error("Interrupted");
    return 130;
  }
}

async function run(
  checkout: Checkout,
  faults: readonly Fault[],
  options: MutateArguments,
  signal: AbortSignal,
): Promise<number> {
  const startedMs = performance.now();
  const { verdicts, excluded } = await runFaults(checkout, faults, {
    budget: {
      maxTests: options.maxTests,
      faultMs: options.faultSeconds * 1_000,
      caseMs: options.caseSeconds * 1_000,
    },
    jobs: options.jobs,
    signal,
    onVerdict: (verdict) => console.log((options.isJson ? toJson : showVerdict)(verdict)),
  });
  const summary = sumUp(verdicts);
  const seconds = (performance.now() - startedMs) / 1_000;
  if (excluded.length > 0) {
    console.error(`Left out, fail or hang without any fault: ${excluded.join(", ")}`);
  }
  console.log(
    options.isJson
      ? JSON.stringify({ ...summary, excluded, seconds })
      : showSummary(summary, seconds),
  );
  return summary.percent >= WANTED_PERCENT ? 0 : 1;
}
