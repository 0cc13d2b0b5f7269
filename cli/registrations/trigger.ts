/**
 * `trigger`: fires a registration that waits for a command.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { ResultsReply } from "../../contract/api/execution_info.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";
import { renderErrors, renderResults } from "../ui/value.ts";

/** Different errors that are shown. */
const SHOWN_ERRORS = 10;

/** The command `trigger`. */
export const trigger: Command = defineCommand({
  name: "trigger",
  summary: "fire a registration of a CommandReader and show what it gives",
  details: "The same as RG.TRIGGER over RESP. Arguments are text.",
  args: [["<trigger>", "as register({ trigger }) names it"], ["[args...]", "its arguments"]],
  options: [["--on-key", "run it on the shard that owns the key that is its first argument"]],
  remote: true,
  examples: [
    [`${PROGRAM} trigger mostChanged 3`, "with one argument"],
    [`${PROGRAM} registrations`, "see which triggers there are"],
    ["redis-cli -p 6380 RG.TRIGGER mostChanged 3", "the same over RESP"],
  ],
  input: RemoteInput.extend({
    trigger: z.string().min(1),
    args: z.array(z.string()).default([]),
    onKey: z.boolean().default(false),
  }),
  action: (input) => `trigger ${input.trigger}`,
  run: (input, { signal }): Promise<z.output<typeof ResultsReply>> =>
    new Client(input).get(ResultsReply, `/v1/triggers/${encodeURIComponent(input.trigger)}`, {
      method: "POST",
      query: { onKey: input.onKey ? 1 : undefined },
      json: input.args,
      signal,
    }),
  show({ results, errors }, output): void {
    output.printLines(renderResults(results, output));
    output.noteLines(renderErrors(errors, SHOWN_ERRORS, output.errorStyle));
  },
  exitCode: ({ errors }) => errors.length > 0 ? 1 : 0,
});
