/**
 * One-way throughput of 64 KiB batches between two runtimes' meshes, beside what two Deno processes
 * do with bare HTTP/2: an echo, and an upload that is only counted.
 *
 * @module
 */

import type { Benchmark } from "../harness/benchmark.ts";
import { makeRow } from "../harness/row.ts";
import { summarize } from "../harness/statistics.ts";
import { takeTurns } from "../harness/take_turns.ts";
import { LineProcess } from "../support/line_process.ts";
import { BATCH_BYTES } from "./batch.ts";

const MIB = 1024 * 1024;
/** Batches for each second of `loadSeconds`. */
const BATCHES_PER_SECOND = 2_000;

/** See the module. */
export const mesh: Benchmark = {
  name: "mesh",
  summary: "64 KiB batches one way between two meshes, beside bare HTTP/2",
  async run({ options: { repeat, loadSeconds } }) {
    await using stack = new AsyncDisposableStack();
    const count = BATCHES_PER_SECOND * loadSeconds;
    const ends = [["r", "s"], ["s", "r"]].map((args) =>
      stack.use(new LineProcess("mesh_end", args))
    );
    const [receiver, sender] = ends;
    const [receiverPort, senderPort] = await Promise.all(ends.map((end) => end.readLine()));
    await Promise.all([receiver.ask(senderPort), sender.ask(receiverPort)]);
    const server = stack.use(new LineProcess("http2_server"));
    const client = stack.use(new LineProcess("http2_client", [await server.readLine()]));
    const rateOf = (elapsedMs: string) => count * BATCH_BYTES / MIB / Number(elapsedMs) * 1_000;
    const taken = await takeTurns({
      mesh: async () => rateOf(await sender.ask(count)),
      echo: async () => rateOf(await client.ask(`/echo ${count}`)),
      upload: async () => rateOf(await client.ask(`/count ${count}`)),
    }, repeat);
    const row = { unit: "MiB/s", ours: summarize(taken.mesh) } as const;
    return [
      makeRow({
        ...row,
        name: "mesh/echo",
        title: "mesh, 64 KiB batches one way",
        baseline: { title: "bare HTTP/2, echo", figure: summarize(taken.echo) },
        target: { of: "ratio", bound: "atLeast", limit: 0.7 },
      }),
      makeRow({
        ...row,
        name: "mesh/upload",
        title: "the same",
        baseline: { title: "bare HTTP/2, counted only", figure: summarize(taken.upload) },
      }),
    ];
  },
};
