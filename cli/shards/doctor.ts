/**
 * `doctor`: looks for what keeps Pinion from working, and says what to do.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";
import type { Finding } from "./doctor_check.ts";
import { CHECKS } from "./doctor_checks.ts";
import type { Output } from "../ui/output.ts";
import type { Style } from "../ui/style.ts";
import { wrapText } from "../ui/wrap.ts";

type NamedFinding = Finding & { readonly name: string };

const MARKS: Readonly<Record<Finding["status"], (style: Style) => string>> = {
  ok: (style) => style.green("✔"),
  warn: (style) => style.yellow("!"),
  fail: (style) => style.red("✖"),
};

/** Column of findings, behind the mark and the name. */
const MARGIN = 15;

/** The command `doctor`. */
export const doctor: Command = defineCommand({
  name: "doctor",
  summary: "look for what keeps Pinion from working, and say what to do",
  details:
    "Checks deno, redis-server, memory and ports of this machine, then whether the runtime " +
    "and its Redis answer and whether its registrations run. The exit code is 1 if something does not work.",
  remote: true,
  examples: [
    [`${PROGRAM} doctor`, "check this machine and the runtime on it"],
    [`${PROGRAM} doctor --url http://10.0.0.5:7480 --json`, "check another one, in a script"],
  ],
  input: RemoteInput,
  action: () => "look for problems",
  async run(input, { signal }): Promise<NamedFinding[]> {
    return await Promise.all(
      CHECKS.map(async ({ name, look }) => ({ name, ...await look(input, signal) })),
    );
  },
  show: showFindings,
  exitCode: (findings) => findings.some(({ status }) => status === "fail") ? 1 : 0,
});

function showFindings(findings: readonly NamedFinding[], output: Output): void {
  const { style } = output;
  for (const { name, status, found, advice } of findings) {
    if (!output.interactive) {
      output.print([status, name, found, advice].filter(Boolean).join("\t"));
      continue;
    }
    const width = output.columns - MARGIN;
    const [first, ...rest] = wrapText(found, width);
    output.print(`${MARKS[status](style)} ${style.bold(name.padEnd(MARGIN - 2))}${first}`);
    for (const line of [...rest, ...wrapText(advice ?? "", width)]) {
      if (line !== "") output.print(`${" ".repeat(MARGIN)}${style.cyan(line)}`);
    }
  }
}
