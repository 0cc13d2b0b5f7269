import { startBusyProcesses } from "./busy_processes.ts";
import { assertClosingLine, CHECKOUT, IS_SAMPLE, LONG_MS, runCommand } from "./support.ts";

const BUSY_PROCESSES = 8;
const ROUNDS = IS_SAMPLE ? 1 : 5;
/** Tests that were the first to fail on a loaded machine. */
const SAMPLE = [
  "tests/runtime/events/sources/streams/stream_faults_test.ts",
  "tests/cluster/streams_test.ts",
];

Deno.test({
  name: `the suite beside ${BUSY_PROCESSES} busy processes`,
  timeout: LONG_MS,
  async fn(t) {
    await using _load = startBusyProcesses(BUSY_PROCESSES);
    const task = ["task", "test", ...IS_SAMPLE ? SAMPLE : []];
    for (let round = 1; round <= ROUNDS; round++) {
      await t.step(`deno ${task.join(" ")}, round ${round} of ${ROUNDS}`, async () => {
        const env = { NO_COLOR: "1" };
        const output = await runCommand(Deno.execPath(), task, { cwd: CHECKOUT, env });
        if (!IS_SAMPLE) assertClosingLine(output);
      });
    }
  },
});
