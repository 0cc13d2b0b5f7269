/**
 * The command line of Pinion: `deno task start`, `deploy`, `demo`, `pinion …`.
 *
 * Exit codes are those of the table in `errors.ts`: 0 done, 1 failed, 2 bad usage, 3 not found,
 * 4 refused, 5 unreachable, 6 stopped.
 *
 * @module
 */

import { PinionError } from "../errors.ts";
import type { CommandContext } from "./base/cli_command.ts";
import { watchInterrupts } from "./base/interrupts.ts";
import { parseCommandLine } from "./program.ts";
import { renderError } from "./ui/error_report.ts";
import { openOutput } from "./ui/output.ts";

/** Runs the command line `args` and gives its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const output = openOutput({ json: args.includes("--json") });
  const sources = new Map<string, string>();
  let action = `run ${args[0]}`;
  using interrupts = watchInterrupts();
  try {
    const request = await parseCommandLine(args, output);
    if (request.kind === "over") return request.exitCode;
    action = request.command.name.includes(" ")
      ? `run \`${request.command.name}\``
      : request.command.name;
    const { json: _json, ...input } = request.input;
    const prepared = request.command.prepare(input);
    action = prepared.action;
    const context: CommandContext = { output, sources, signal: interrupts.signal };
    return await prepared.run(context);
  } catch (thrown) {
    const error = interrupts.signal.aborted && !(thrown instanceof PinionError)
      ? new PinionError("EXECUTION_ABORTED", "It was interrupted")
      : PinionError.from(thrown);
    if (output.json) {
      output.note(JSON.stringify({ error: error.toData() }));
    } else {
      const source = sources.get(error.location?.file ?? "") ?? readSource(error);
      for (
        const line of renderError({ action, error, source }, {
          style: output.errorStyle,
          columns: output.columns,
        })
      ) {
        output.note(line);
      }
    }
    if (error.code === "INTERNAL" && error.cause !== undefined) console.error(error.cause);
    return error.kind.exit;
  }
}

/** The text of the file that the error names, if it can be read here. */
function readSource(error: PinionError): string | undefined {
  if (error.location === undefined) return undefined;
  try {
    return Deno.readTextFileSync(error.location.file);
  } catch {
    return undefined;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
