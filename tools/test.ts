/**
 * `deno task test`: makes sure that there is a Redis, then runs all tests.
 *
 * Arguments go to `deno test`, such as a folder or `--filter NAME`. Without any, tests of what
 * spans processes, which wait most of the time, run beside the others; what a bystander notices of
 * an attack says nothing beside other tests, so those come last and alone. `--long` runs what does
 * not fit into 20 minutes and writes down what it came to; with `--sample`, a part of each kind of
 * it.
 *
 * @module
 */

import { runLongTests } from "./testing/long_tests.ts";
import { type Outcome, showOutcome, sumOutcomes } from "./testing/outcome.ts";
import { installRequirements } from "./testing/requirements.ts";
import { ROOT, runOnTerminal, runTests } from "./testing/run_tests.ts";

/** Folders of tests that mostly wait for failovers, leases and links. */
const WAITING = ["tests/cluster", "tests/coordinator", "tests/runtime/events"];
const ALONE = ["tests/security"];
const LONG = ["tests/long"];

await installRequirements((line) => console.error(line));
const isLong = Deno.args[0] === "--long";
if (Deno.args.length > 0 && !isLong) Deno.exit(await runOnTerminal(Deno.args));

const startedAt = performance.now();
const outcome = isLong
  ? await runLongTests(LONG, { isSample: Deno.args.includes("--sample"), show })
  : await runAll();
console.log(showOutcome(outcome, performance.now() - startedAt));
Deno.exit(outcome.code === 0 ? 0 : 1);

async function runAll(): Promise<Outcome> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet"],
    cwd: ROOT,
  })
    .spawn().status;
  if (code !== 0) Deno.exit(code);
  const others = [`--ignore=${[...WAITING, ...ALONE, ...LONG].join(",")}`, "tests"];
  const options = { byFile: true, show };
  return sumOutcomes([
    ...await Promise.all([runTests(others, options), runTests(WAITING, options)]),
    await runTests(ALONE, options),
  ]);
}

function show(text: string): void {
  console.log(text.trimEnd());
}
