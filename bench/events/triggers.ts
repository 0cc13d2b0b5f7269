/**
 * RG.TRIGGER of a function that returns a constant, beside PING against Redis itself, both by the
 * load generator of Redis over 50 connections.
 *
 * @module
 */

import type { Benchmark } from "../harness/benchmark.ts";
import { makeRow } from "../harness/row.ts";
import { summarize } from "../harness/statistics.ts";
import { type Contender, takeTurns } from "../harness/take_turns.ts";
import { type CommandLoad, loadCommand } from "../support/redis_benchmark.ts";
import { RuntimeProcess } from "../support/runtime_process.ts";

const CONNECTIONS = 50;
const REQUESTS = 200_000;
const WARM_UP_REQUESTS = 50_000;
const SCRIPT = `GB("CommandReader").map(() => "constant").register({ trigger: "constant" })`;

/** See the module. */
export const triggers: Benchmark = {
  name: "triggers",
  summary: "RG.TRIGGER of a constant, beside PING against Redis itself",
  async run({ options: { repeat }, datasets }) {
    const { server } = await datasets.empty();
    await using runtime = await RuntimeProcess.start(server.url);
    await runtime.run(SCRIPT);
    const load = (port: number, command: readonly string[]): Contender<CommandLoad> => {
      return ({ isWarmUp }) => {
        const requests = isWarmUp ? WARM_UP_REQUESTS : REQUESTS;
        return loadCommand({ port, connections: CONNECTIONS, requests, command });
      };
    };
    const loads = await takeTurns({
      ours: load(Number(runtime.resp.split(":").at(-1)), ["RG.TRIGGER", "constant"]),
      ping: load(server.address.port, ["PING"]),
    }, repeat);
    const figure = (name: keyof typeof loads, field: keyof CommandLoad) =>
      summarize(loads[name].map((one) => one[field]));
    const beside = (field: keyof CommandLoad) => ({
      ours: figure("ours", field),
      baseline: { title: "PING of Redis", figure: figure("ping", field) },
    });
    return [
      makeRow({
        name: "triggers/rate",
        title: "RG.TRIGGER, 50 connections",
        unit: "req/s",
        ...beside("ratePerSecond"),
        target: { of: "ratio", bound: "atLeast", limit: 0.45 },
      }),
      makeRow({
        name: "triggers/p99",
        title: "RG.TRIGGER, p99",
        unit: "ms",
        ...beside("p99Ms"),
        target: { of: "value", bound: "below", limit: 4 },
      }),
    ];
  },
};
