/**
 * The command line of the benchmarks.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { BenchOptions } from "./harness/benchmark.ts";

/** What was asked for. */
export interface BenchRequest extends BenchOptions {
  readonly isHelp: boolean;
  /** The benchmarks of a cluster instead of those of one shard. */
  readonly isCluster: boolean;
  /** Beginnings of the names of the benchmarks to run; none for all. */
  readonly only: readonly string[];
  /** Path of the JSON file. */
  readonly json: string;
}

const DEFAULTS: BenchOptions = {
  keys: 1_000_000,
  repeat: 3,
  loadSeconds: 5,
  coldStarts: 100,
  fuzzInputs: 1_000_000,
  seed: 42,
};
/** For a first look: the figures are not worth much. */
const QUICK: BenchOptions = {
  ...DEFAULTS,
  keys: 100_000,
  repeat: 1,
  loadSeconds: 1,
  coldStarts: 20,
  fuzzInputs: 60_000,
};

/** What `--help` shows before the list of benchmarks. */
export const USAGE = `Usage: deno task bench [options]

Measures this project beside what a user would have written instead, and holds the ratios against
their targets. Exits with 0 whether they are met or not; the JSON file says which.

  --cluster      the benchmarks of a cluster instead of those of one shard
  --only NAME    only the benchmarks whose names begin so; may be given again
  --keys N       texts in Redis, and a tenth as many films (default ${DEFAULTS.keys})
  --repeat N     measured runs of each contender; medians count (default ${DEFAULTS.repeat})
  --fuzz N       inputs of the fuzz tests, together (default ${DEFAULTS.fuzzInputs})
  --seed N       of the data and the fuzz tests (default ${DEFAULTS.seed})
  --quick        little data and one run each: to see that it works
  --json FILE    where the results go (default bench/results/latest.json, with --cluster
                 bench/results/cluster.json)
  --help         this text
`;

/** Reads the command line. @throws Error that says what was wrong */
export function parseOptions(args: readonly string[]): BenchRequest {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cluster: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      keys: { type: "string" },
      repeat: { type: "string" },
      fuzz: { type: "string" },
      seed: { type: "string" },
      json: { type: "string" },
      quick: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const base = values.quick ? QUICK : DEFAULTS;
  return {
    ...base,
    keys: readCount("keys", values.keys, base.keys),
    repeat: readCount("repeat", values.repeat, base.repeat),
    fuzzInputs: readCount("fuzz", values.fuzz, base.fuzzInputs),
    seed: readCount("seed", values.seed, base.seed),
    isHelp: values.help,
    isCluster: values.cluster,
    only: values.only,
    json: values.json ?? defaultPath(values.cluster),
  };
}

function defaultPath(isCluster: boolean): string {
  const name = isCluster ? "cluster" : "latest";
  return new URL(`results/${name}.json`, import.meta.url).pathname;
}

function readCount(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`Cannot use --${name}: expected a whole number >= 1, got ${text}`);
}
