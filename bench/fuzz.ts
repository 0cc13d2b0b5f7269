/**
 * Random and mutated inputs in great number, for what takes bytes from strangers: the RESP codec and
 * adapter, the isolate's border, the HTTP interface. They are the fuzz tests of `deno task test`, with
 * more inputs: none may crash, hang or grow the process, and a failure ends the benchmarks.
 *
 * @module
 */

import type { Benchmark } from "./harness/benchmark.ts";
import { makeRow, type Row } from "./harness/row.ts";
import { summarize } from "./harness/statistics.ts";

const ROOT = new URL("../", import.meta.url);
/** Each of the first three takes a third of the inputs, and a live port a twentieth of that. */
const TARGETS = {
  codec: "tests/redis/codec_fuzz_test.ts",
  border: "tests/security/fuzz_test.ts",
  resp: "tests/runtime/resp/fuzz_test.ts",
  http: "tests/runtime/http/fuzz_test.ts",
};
const SHARES = 3;
/** How long one target may take before it counts as hung. */
const TIMEOUT_MS = 900_000;

/** See the module. */
export const fuzz: Benchmark = {
  name: "fuzz",
  summary: "random and mutated inputs: no crash, no hang, no growth",
  async run({ options: { fuzzInputs, seed } }) {
    const rows: Row[] = [];
    for (const [name, path] of Object.entries(TARGETS)) {
      const inputs = Math.ceil(fuzzInputs / SHARES);
      console.error(`· fuzz/${name}: ${inputs} inputs of seed ${seed}`);
      const elapsedMs = await runTest(path, inputs, seed);
      rows.push(makeRow({
        name: `fuzz/${name}`,
        title: `fuzz, ${name}`,
        unit: "ms",
        ours: summarize([elapsedMs]),
      }));
    }
    return rows;
  },
};

/** Runs a test file; how long it took. @throws Error with what it printed where it fails */
async function runTest(path: string, inputs: number, seed: number): Promise<number> {
  const startedAt = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--quiet", "--v8-flags=--expose-gc", path],
    cwd: ROOT,
    env: { PINION_FUZZ_INPUTS: String(inputs), PINION_FUZZ_SEED: String(seed), NO_COLOR: "1" },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).output();
  if (success) return performance.now() - startedAt;
  const text = new TextDecoder();
  const printed = (text.decode(stdout) + text.decode(stderr)).slice(-4_000);
  throw new Error(
    `Fuzzing failed: PINION_FUZZ_SEED=${seed} PINION_FUZZ_INPUTS=${inputs} ${path}\n${printed}`,
  );
}
