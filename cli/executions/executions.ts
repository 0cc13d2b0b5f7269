/**
 * `executions …`: what runs and what has run.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { z } from "zod";
import {
  ExecutionInfo,
  ExecutionSummary,
  ResultsReply,
} from "../../contract/api/execution_info.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";
import { formatCount } from "../ui/format.ts";
import { renderErrors, renderResults } from "../ui/value.ts";
import { showExecution, STATUS_COLORS } from "./execution_view.ts";

const OneExecution = RemoteInput.extend({ id: z.string() });
/** Different errors that are shown. */
const SHOWN_ERRORS = 50;
const ID_ARGUMENT = ["<id>", "as `executions list` shows it"] as const;

function pathOf(id: string): string {
  return `/v1/executions/${encodeURIComponent(id)}`;
}

const list: Command = defineCommand({
  name: "executions list",
  summary: "list the executions that are known",
  remote: true,
  examples: [
    [`${PROGRAM} executions list`, "list them, newest last"],
    [`${PROGRAM} executions list | grep running`, "only those that run"],
  ],
  input: RemoteInput,
  action: () => "list the executions",
  run: (input, { signal }) =>
    new Client(input).get(z.array(ExecutionSummary), "/v1/executions", { signal }),
  show(found, output): void {
    if (found.length === 0) return output.hint("There are none.");
    output.printTable([
      { title: "execution", value: (row) => row.executionId },
      {
        title: "status",
        value: (row) => row.status,
        color: (text, style, row) => STATUS_COLORS[row.status]?.(text, style) ?? text,
      },
      { title: "started by", value: (row) => row.registered ? "registration" : "run()" },
    ], found);
  },
});

const show: Command = defineCommand({
  name: "executions show",
  summary: "show the steps of an execution, their counts and durations, and its log",
  args: [ID_ARGUMENT],
  remote: true,
  examples: [
    [
      `${PROGRAM} executions show 0000000000000000000000000000000000000000-3`,
      "look into one",
    ],
    ["redis-cli -p 6380 RG.CONFIGSET ProfileExecutions 1", "measure the steps of later ones"],
  ],
  input: OneExecution,
  action: ({ id }) => `show the execution ${id}`,
  run: (input, { signal }) => new Client(input).get(ExecutionInfo, pathOf(input.id), { signal }),
  show: showExecution,
});

const results: Command = defineCommand({
  name: "executions results",
  summary: "show what an execution gave",
  args: [ID_ARGUMENT],
  options: [["--wait", "wait until it is over"]],
  remote: true,
  examples: [
    [
      `${PROGRAM} executions results 0000000000000000000000000000000000000000-3 --wait`,
      "wait for it, then show its results",
    ],
    [
      `${PROGRAM} executions results 0000000000000000000000000000000000000000-3 --json`,
      "results and errors as JSON",
    ],
  ],
  input: OneExecution.extend({ wait: z.boolean().default(false) }),
  action: ({ id }) => `show the results of ${id}`,
  run: (input, { signal }) =>
    new Client(input).get(ResultsReply, `${pathOf(input.id)}/results`, {
      query: { wait: input.wait ? 1 : undefined },
      signal,
    }),
  show({ results, errors }, output): void {
    output.printLines(renderResults(results, output));
    output.noteLines(renderErrors(errors, SHOWN_ERRORS, output.errorStyle));
    output.hint(output.style.dim(
      `${formatCount(results.length, "result")}, ${formatCount(errors.length, "error")}`,
    ));
  },
});

const abort: Command = defineCommand({
  name: "executions abort",
  summary: "stop an execution that runs",
  args: [ID_ARGUMENT],
  remote: true,
  examples: [
    [
      `${PROGRAM} executions abort 0000000000000000000000000000000000000000-3`,
      "answers when nothing of it runs any more",
    ],
    [`${PROGRAM} executions list`, "find its id"],
  ],
  input: OneExecution,
  action: ({ id }) => `abort ${id}`,
  async run(input, { signal }): Promise<{ aborted: string }> {
    const path = `${pathOf(input.id)}/abort`;
    await new Client(input).get(z.unknown(), path, { method: "POST", signal });
    return { aborted: input.id };
  },
  show: ({ aborted }, output) => output.print(`${aborted}\taborted`),
});

const drop: Command = defineCommand({
  name: "executions drop",
  summary: "forget an execution that is over, with its results",
  args: [ID_ARGUMENT],
  remote: true,
  examples: [
    [
      `${PROGRAM} executions drop 0000000000000000000000000000000000000000-3`,
      "forget one; abort it first if it runs",
    ],
    [`${PROGRAM} executions list`, "see what is left"],
  ],
  input: OneExecution,
  action: ({ id }) => `drop ${id}`,
  async run(input, { signal }): Promise<{ dropped: string }> {
    await new Client(input).get(z.unknown(), pathOf(input.id), { method: "DELETE", signal });
    return { dropped: input.id };
  },
  show: ({ dropped }, output) => output.print(`${dropped}\tdropped`),
});

/** The commands `executions …`. */
export const executions: readonly Command[] = [list, show, results, abort, drop];
