/**
 * What long tests share.
 *
 * @module
 */

import { assertMatch } from "@std/assert";

/** True where a part of each kind is asked for: `deno task test --long --sample`. */
export const IS_SAMPLE = Deno.env.get("PINION_LONG_SAMPLE") === "1";
/** Longest that a long case or a step of it may take. */
export const LONG_MS = 2 * 3_600_000;
/** Lines of a command that failed which its error shows. */
const SHOWN_LINES = 60;

/** Folder of the checkout. */
export const CHECKOUT = new URL("../../", import.meta.url).pathname;

/** Runs a command; all that it printed. @throws Error with its last lines where it fails */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<string> {
  const command = new Deno.Command(program, { ...options, args: [...args], stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (code === 0) return text;
  const lines = (text + errors).trimEnd().split("\n").slice(-SHOWN_LINES);
  throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${lines.join("\n")}`);
}

/** Checks that the whole suite says of itself that nothing failed. */
export function assertClosingLine(output: string): void {
  assertMatch(
    output.trimEnd().split("\n").at(-1)!,
    /^ok \| \d+ passed \| 0 failed \| \d+ skipped /,
  );
}
