/**
 * The results as a JSON file, for comparisons with other runs.
 *
 * @module
 */

import { dirname } from "node:path";
import type { BenchOptions } from "./benchmark.ts";
import type { Machine } from "./machine.ts";
import type { Row } from "./row.ts";

/** What the file holds. */
export interface Results {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly elapsedMs: number;
  readonly machine: Machine;
  readonly options: BenchOptions;
  readonly rows: readonly Row[];
}

/** Writes the file and the folder that it is in. */
export async function writeResults(path: string, results: Results): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, `${JSON.stringify(results, null, 2)}\n`);
}
