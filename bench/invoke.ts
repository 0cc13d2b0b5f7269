/**
 * `POST /invoke` of an empty async function over 50 connections, beside a `Deno.serve` that answers
 * a constant; and how busy the load generator is: at 100 % of a core the server could do more.
 *
 * @module
 */

import type { Benchmark } from "./harness/benchmark.ts";
import { makeRow } from "./harness/row.ts";
import { summarize } from "./harness/statistics.ts";
import { type Contender, takeTurns } from "./harness/take_turns.ts";
import type { LoadReport } from "./processes/load_generator.ts";
import { generateLoad, startBareServer } from "./support/load_generator.ts";
import { RuntimeProcess } from "./support/runtime_process.ts";

const WARM_UP_SECONDS = 1;
const LIBRARY = "export async function empty() {}";

/** See the module. */
export const invoke: Benchmark = {
  name: "invoke",
  summary: "POST /invoke of an empty function, beside a bare Deno.serve",
  async run({ options: { repeat, loadSeconds }, datasets }) {
    const { server } = await datasets.empty();
    await using runtime = await RuntimeProcess.start(server.url);
    await using bare = await startBareServer();
    await runtime.deploy("lib", LIBRARY);
    const targets = {
      ours: { port: Number(new URL(runtime.url).port), method: "POST", path: "/invoke/lib/empty" },
      bare: { port: bare.port, method: "POST", path: "/" },
    };
    const load = (target: keyof typeof targets): Contender<LoadReport> => ({ isWarmUp }) =>
      generateLoad(targets[target], isWarmUp ? WARM_UP_SECONDS : loadSeconds);
    const reports = await takeTurns({ ours: load("ours"), bare: load("bare") }, repeat);
    const figures = (name: keyof typeof reports, figure: keyof LoadReport) =>
      summarize(reports[name].map((report) => report[figure]));
    const beside = (figure: keyof LoadReport) => ({
      ours: figures("ours", figure),
      baseline: { title: "bare Deno.serve", figure: figures("bare", figure) },
    });
    return [
      makeRow({
        name: "invoke/rate",
        title: "invoke, 50 connections",
        unit: "req/s",
        ...beside("ratePerSecond"),
        target: { of: "ratio", bound: "atLeast", limit: 0.35 },
      }),
      makeRow({ name: "invoke/p50", title: "invoke, p50", unit: "ms", ...beside("p50Ms") }),
      makeRow({ name: "invoke/p99", title: "invoke, p99", unit: "ms", ...beside("p99Ms") }),
      makeRow({
        name: "invoke/generator",
        title: "invoke, load generator's CPU",
        unit: "% core",
        ...beside("coreShare"),
      }),
    ];
  },
};
