import { assertEquals, assertStringIncludes } from "@std/assert";
import { listCases } from "../../tools/testing/long_tests.ts";
import { type Outcome, showOutcome, sumOutcomes } from "../../tools/testing/outcome.ts";
import { runTests } from "../../tools/testing/run_tests.ts";

async function runPlanted(...names: string[]): Promise<{ outcome: Outcome; output: string }> {
  let output = "";
  const paths = names.map((name) => `tests/tools/planted/${name}.ts`);
  const outcome = await runTests(paths, { byFile: true, show: (text) => output += text });
  return { outcome, output };
}

Deno.test("a planted failure is counted and named, it ends its suite, and its neighbour passes", async () => {
  const { outcome, output } = await runPlanted("fails");
  assertEquals([outcome.passed, outcome.failed, outcome.code], [1, 2, 1]);
  assertEquals(outcome.names.failed, [
    "a planted failure",
    "in between",
    "a suite whose second step fails",
  ]);
  assertEquals([outcome.skipped, outcome.names.skipped], [1, ["after"]]);
  assertStringIncludes(output, "before ... ok");
  assertStringIncludes(output, "a neighbour ... ok");
});

Deno.test("what hangs fails at its deadline by name, a suite of quick steps does not", async () => {
  const { outcome, output } = await runPlanted("hangs");
  assertEquals([outcome.passed, outcome.failed, outcome.skipped], [2, 3, 1]);
  assertStringIncludes(output, "Deadline of 200 ms: a planted hang has not ended");
  assertStringIncludes(
    output,
    "Deadline of 300 ms: a suite whose second step hangs > endless has not ended",
  );
  assertStringIncludes(output, "the suite is disposed of");
  assertStringIncludes(output, "a planted loop ... FAILED");
  assertStringIncludes(output, "its steps are not ... ok");
  assertStringIncludes(output, "a neighbour ... ok");
});

Deno.test("a planted skip is counted and named", async () => {
  const { outcome } = await runPlanted("skips");
  assertEquals([outcome.passed, outcome.failed, outcome.skipped, outcome.code], [1, 0, 3, 0]);
  assertEquals(outcome.names.skipped, [
    "a planted skip (VARIABLE is unset)",
    "another planted skip",
    "a skipped step",
  ]);
});

Deno.test("a module that does not load is a failure", async () => {
  const { outcome } = await runPlanted("no_such_file");
  assertEquals([outcome.passed, outcome.failed, outcome.code], [0, 1, 1]);
});

Deno.test("the closing line follows the names of what was skipped or failed", async () => {
  const outcomes = await Promise.all([runPlanted("fails"), runPlanted("skips")]);
  const sum = sumOutcomes(outcomes.map(({ outcome }) => outcome));
  assertEquals(showOutcome(sum, 252_000).split("\n"), [
    "skipped: after",
    "skipped: a planted skip (VARIABLE is unset)",
    "skipped: another planted skip",
    "skipped: a skipped step",
    "failed: a planted failure",
    "failed: in between",
    "failed: a suite whose second step fails",
    "FAILED | 2 passed | 2 failed | 4 skipped (4m12s in all)",
  ]);
  const good = { ...sum, names: { skipped: [], failed: [] }, failed: 0, code: 0 };
  assertEquals(showOutcome(good, 9_000), "ok | 2 passed | 0 failed | 4 skipped (0m9s in all)");
});

Deno.test("the page of long tests has a row for each case and step that ended", async () => {
  const { output } = await runPlanted("fails");
  const rows = listCases(output).map((row) => row.replace(/\d+\D+ \|$/, "T |"));
  assertEquals(rows, [
    "| a planted failure | failed | T |",
    "| step: before | passed | T |",
    "| step: in between | failed | T |",
    "| step: after | skipped | T |",
    "| a suite whose second step fails | failed | T |",
    "| a neighbour | passed | T |",
  ]);
});
