/**
 * `run`: sends a script, shows how far it is and what it gave.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { loadScript } from "../bundle/script.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, type CommandContext, defineCommand } from "../base/cli_command.ts";
import { wholeNumber } from "../base/input.ts";
import { followScript, type ScriptReport, startScript } from "./run_script.ts";
import { formatCount, formatDuration } from "../ui/format.ts";
import type { Output } from "../ui/output.ts";
import { renderErrors, renderResults } from "../ui/value.ts";

/** Results that a terminal shows if `--limit` does not say otherwise. */
const SHOWN_RESULTS = 50;
/** Different errors that are shown. */
const SHOWN_ERRORS = 10;

const RunInput = RemoteInput.extend({
  file: z.string().optional(),
  eval: z.string().optional(),
  mode: z.enum(["async", "async_local"], "expected async or async_local").optional(),
  unblocking: z.boolean().default(false),
  limit: wholeNumber({ min: 1 }).optional(),
});
type RunInput = z.infer<typeof RunInput>;

/** The command `run`. */
export const run: Command = defineCommand({
  name: "run",
  summary: "run a script and show its results",
  details: "The names of the SDK (GB, GearsBuilder, execute, …) are globals in a script, so it " +
    "needs no import; npm: packages and relative files that it imports are bundled first. Ctrl-C " +
    "aborts the execution. The exit code is 1 if a record failed.",
  args: [["[file]", "a TypeScript file, or - to read it from stdin"]],
  options: [
    ["-e, --eval <code>", "run this code"],
    ["--mode <mode>", "async: all shards; async_local: this shard only"],
    ["--unblocking", "answer with the execution's id as soon as it runs"],
    ["--limit <n>", `show at most n results (default: ${SHOWN_RESULTS} on a terminal, else all)`],
  ],
  remote: true,
  examples: [
    [`${PROGRAM} run examples/word_count.ts`, "run a file"],
    [`${PROGRAM} run -e 'GB().count().run()'`, "count all keys"],
    [`cat script.ts | ${PROGRAM} run - --json`, "run what stdin says, answer in JSON"],
  ],
  input: RunInput,
  action: ({ file, eval: code }) =>
    `run ${code === undefined ? file === "-" ? "stdin" : file ?? "a script" : "the code of -e"}`,
  run: runScript,
  show: showRun,
  exitCode: ({ errors }) => errors !== undefined && errors.length > 0 ? 1 : 0,
});

async function runScript(input: RunInput, context: CommandContext): Promise<ScriptReport> {
  const script = await loadScript(input, context.signal);
  if (script.text !== undefined) context.sources.set(script.name, script.text);
  const client = new Client(input);
  const running = input.unblocking
    ? startScript(client, script.source, input.mode, context.signal)
    : followScript(client, script.source, input.mode, context);
  const found = await running.catch((error) => {
    throw error instanceof PinionError ? script.locate(error) : error;
  });
  return found.errors ? { ...found, errors: found.errors.map(script.rewrite) } : found;
}

function showRun(found: ScriptReport, output: Output, { limit, url }: RunInput): void {
  const { style } = output;
  if (found.executionId === null) return output.hint(style.green("✔ done"));
  if (found.results === undefined) {
    output.print(found.executionId);
    output.hint(`  \`${PROGRAM} executions results ID --wait\` shows what it gives`);
    return;
  }
  const most = limit ?? (output.interactive ? SHOWN_RESULTS : Infinity);
  output.printLines(renderResults(found.results.slice(0, most), output));
  if (found.results.length > most) {
    output.hint(style.dim(`… ${formatCount(found.results.length - most, "result")} more: --limit`));
  }
  const errors = found.errors ?? [];
  output.noteLines(renderErrors(errors, SHOWN_ERRORS, output.errorStyle));
  output.hint(style.dim(
    `${formatCount(found.results.length, "result")}, ${formatCount(errors.length, "error")}, ${
      formatDuration(found.elapsedMs)
    } at ${new URL(url).host}`,
  ));
}
