/**
 * `demo`: the main job on real data, from nothing.
 *
 * @module
 */

import { TASK } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { type Command, defineCommand } from "../base/cli_command.ts";
import { wholeNumber } from "../base/input.ts";
import type { DemoReport } from "./demo.ts";

const DemoInput = z.object({
  redis: z.string().optional(),
  shards: wholeNumber({ min: 1 }).pipe(z.int().max(16, "expected 16 at most")).optional(),
  keep: z.boolean().default(false),
}).refine(({ redis, shards }) => redis === undefined || shards === undefined, {
  path: ["shards"],
  message: "a cluster is started for the demo, so --redis cannot be given",
});

/** The command `demo`. */
export const demo: Command = defineCommand({
  name: "demo",
  summary: "see everything on real data: films, Moby-Dick, batches, HTTP and RESP",
  details: "Starts a Redis and a runtime on free ports, loads 3,201 films and the lines of " +
    "Moby-Dick, runs functions over them and shows each one with its result and its time. It " +
    "ends by itself and leaves nothing behind.",
  options: [
    ["--redis <url>", "use this Redis; its keys movie:*, text:* and visits:* must be free"],
    ["--shards <n>", "play it on a Redis cluster of so many shards, started for it"],
    ["--keep", "leave the runtime up with its data until Ctrl-C"],
  ],
  examples: [
    [`${TASK} demo`, "watch it"],
    [`${TASK} demo --shards 3`, "the same on a cluster, unchanged"],
    [`${TASK} demo --keep`, "then try things on the data yourself"],
    [`${TASK} demo --json | jq '.scenes[] | {name, ms}'`, "its figures, in a script"],
  ],
  input: DemoInput,
  action: () => "show the demo",
  async run(input, context): Promise<DemoReport | undefined> {
    // Loaded here, so that the other commands start without the runtime.
    const { playDemo } = await import("./demo.ts");
    return await playDemo(input, context);
  },
});
