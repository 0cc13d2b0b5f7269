/**
 * `trigger`: fires a registration that waits for a command.
 *
 * @module
 */

import { z } from "zod";
import { Client, RemoteInput } from "../client.ts";
import { type Command, defineCommand } from "../command.ts";
import { renderResults } from "../ui/value.ts";

/** See the module. */
export const trigger: Command = defineCommand({
  name: "trigger",
  summary: "fire a registration of a CommandReader and show what it gives",
  details: "The same as RG.TRIGGER over RESP. Arguments are text.",
  args: [["<trigger>", "as register({ trigger }) names it"], ["[args...]", "its arguments"]],
  options: [["--key <key>", "run it on the shard that owns this key, its first argument"]],
  remote: true,
  examples: [
    ["deno task pinion trigger CountVonCount bat bat", "with two arguments"],
    ["deno task pinion registrations", "see which triggers there are"],
    ["redis-cli -p 6380 RG.TRIGGER CountVonCount bat bat", "the same over RESP"],
  ],
  input: RemoteInput.extend({
    trigger: z.string().min(1),
    args: z.array(z.string()).default([]),
    key: z.string().optional(),
  }),
  action: (input) => `trigger ${input.trigger}`,
  run: (input, { signal }): Promise<unknown[]> =>
    new Client(input).get(
      z.array(z.unknown()),
      `/v1/triggers/${encodeURIComponent(input.trigger)}`,
      { method: "POST", query: { key: input.key }, json: input.args, signal },
    ),
  show: (results, output) => output.printLines(renderResults(results, output)),
});
