/**
 * `logs`: what the runtime and the functions logged last.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { delay } from "@std/async";
import { z } from "zod";
import { LogLine as LogLineSchema } from "../../contract/api/log_entry.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, type CommandContext, defineCommand } from "../base/cli_command.ts";
import { printLogLine } from "../ui/log_line.ts";

/** The session or library that a line comes from is told too. */
const LogLine = LogLineSchema.extend({ source: z.string().optional() });
type LogLine = z.infer<typeof LogLine>;

/** Pause between two requests of `--follow`. */
const FOLLOW_INTERVAL_MS = 500;

const LogsInput = RemoteInput.extend({
  session: z.string().optional(),
  follow: z.boolean().default(false),
});

/** The command `logs`. */
export const logs: Command = defineCommand({
  name: "logs",
  summary: "show what the runtime and the functions logged last",
  args: [["[session]", "a library or session (default: all)"]],
  options: [["-f, --follow", "go on until Ctrl-C"]],
  remote: true,
  examples: [
    [`${PROGRAM} logs`, "the last lines of all"],
    [`${PROGRAM} logs http_function --follow`, "follow one library"],
    [`${PROGRAM} executions show ID`, "the lines of one execution"],
  ],
  input: LogsInput,
  action: ({ session }) => `show the log${session === undefined ? "" : ` of ${session}`}`,
  async run(input, context): Promise<LogLine[] | undefined> {
    const client = new Client(input);
    if (!input.follow) return await readLogs(client, input.session, context.signal);
    await followLogs(client, input.session, context);
    return undefined;
  },
  show(lines, output): void {
    if (lines?.length === 0) output.hint("Nothing was logged yet.");
    for (const line of lines ?? []) printLogLine(line, output);
  },
});

async function readLogs(
  client: Client,
  session: string | undefined,
  signal: AbortSignal,
): Promise<LogLine[]> {
  return await client.get(z.array(LogLine), "/v1/logs", { query: { session }, signal });
}

/** Prints the lines, then new ones as they come; ends with Ctrl-C. */
async function followLogs(
  client: Client,
  session: string | undefined,
  { output, signal }: CommandContext,
): Promise<void> {
  let shown: LogLine[] = [];
  while (!signal.aborted) {
    const lines = await readLogs(client, session, signal);
    for (const line of newLines(shown, lines)) {
      if (output.json) output.printJson(line);
      else printLogLine(line, output);
    }
    shown = lines;
    await delay(FOLLOW_INTERVAL_MS, { signal }).catch(() => {}); // the loop ends by itself
  }
}

/** The lines of `now` that follow the last one of `before`: both are windows of one log. */
export function newLines(before: readonly LogLine[], now: readonly LogLine[]): readonly LogLine[] {
  const last = before.at(-1);
  if (last === undefined) return now;
  const same = (line: LogLine) => line.time === last.time && line.message === last.message;
  return now.slice(now.findLastIndex(same) + 1);
}
