/**
 * What a link to another runtime costs a process that does nothing with it, over HTTP/2 on
 * loopback: connections, memory, and CPU time, since both sides say every half a second that they
 * are there.
 *
 * @module
 */

import type { Benchmark } from "../harness/benchmark.ts";
import { makeRow } from "../harness/row.ts";
import { summarize } from "../harness/statistics.ts";
import type { HubFigures } from "../processes/mesh_hub.ts";
import { LineProcess } from "../support/line_process.ts";

/** What the first links cost is the code, not the links. */
const FIRST = 19;
const ALL = 99;
const KIB = 1024;

/** See the module. */
export const links: Benchmark = {
  name: "links",
  summary:
    `connections, memory and CPU time of idle links over HTTP/2, from ${FIRST} to ${ALL} at one runtime`,
  async run() {
    await using rim = new LineProcess("mesh_rim", [String(ALL)]);
    await using hub = new LineProcess("mesh_hub");
    const [ports, hubPort] = [await rim.readLine(), await hub.readLine()];
    await rim.ask(hubPort);
    const measure = async (line: string): Promise<HubFigures> => JSON.parse(await hub.ask(line));
    const few = await measure(`${ports}\n${FIRST}`);
    const many = await measure(String(ALL));
    const perLink = (figure: keyof HubFigures) =>
      summarize([(many[figure] - few[figure]) / (ALL - FIRST)]);
    return [
      makeRow({
        name: "links/connections",
        title: "connections of a link",
        unit: "sockets",
        ours: perLink("sockets"),
      }),
      makeRow({
        name: "links/memory",
        title: "memory of a link that is idle",
        unit: "KiB",
        ours: summarize(perLink("rssBytes").samples.map((bytes) => bytes / KIB)),
      }),
      makeRow({
        name: "links/cpu",
        title: `CPU time of a runtime with ${ALL} idle links`,
        unit: "% core",
        ours: summarize([many.cpuShare * 100]),
      }),
    ];
  },
};
