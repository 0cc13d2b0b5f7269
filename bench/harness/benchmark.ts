/**
 * What a benchmark is: the interface that every one of them implements.
 *
 * @module
 */

import type { Datasets } from "../data/datasets.ts";
import type { Row } from "./row.ts";

/** How large and how often. */
export interface BenchOptions {
  /** Texts; a tenth as many films. */
  readonly keys: number;
  /** Measured runs of each contender. */
  readonly repeat: number;
  /** Length of a run of the load generator. */
  readonly loadSeconds: number;
  /** Scripts that are started cold. */
  readonly coldStarts: number;
  /** Inputs of the fuzz tests, together. */
  readonly fuzzInputs: number;
  /** Of the data and of the fuzz tests. */
  readonly seed: number;
}

/** What a benchmark works with. */
export interface BenchContext {
  readonly options: BenchOptions;
  readonly datasets: Datasets;
}

/** One benchmark: a file of this folder. */
export interface Benchmark {
  /** What `--only` takes. */
  readonly name: string;
  /** What it measures, in a few words. */
  readonly summary: string;
  /** Runs it. It owns what it starts but for the data. */
  readonly run: (context: BenchContext) => Promise<readonly Row[]>;
}
