/**
 * Runs the command line as its users do: as a process.
 *
 * @module
 */

import { buildIsolate } from "../../tools/build/bundle_isolate.ts";
import { fileURLToPath } from "node:url";

// Runtimes that are started from here refuse a bundle that is older than its sources.
await buildIsolate();

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** What became of a command. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface CliOptions {
  /** What stdin holds; default nothing. */
  readonly stdin?: string;
  /** Default: the folder of the repository. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The command, ready to be spawned. */
export function cliCommand(
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    ...options,
    args: ["run", "-A", "--config", CONFIG, MAIN, ...args],
    env: { NO_COLOR: "1", PINION_URL: "", PINION_TOKEN: "", PINION_REDIS: "", ...options.env },
  });
}

/** Runs it to its end. */
export async function runCli(
  args: readonly string[],
  { stdin, cwd, env }: CliOptions = {},
): Promise<CliResult> {
  const process = cliCommand(args, {
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    cwd,
    env,
  }).spawn();
  if (stdin !== undefined) {
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin));
    await writer.close();
  }
  const { code, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
