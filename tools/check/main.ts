/**
 * `deno run -A tools/check/main.ts [--json] [--count]`: fails where the project breaks a rule.
 *
 * `--json` prints the findings as one JSON document; `--count` prints their number by rule only.
 *
 * @module
 */

import { checkProject, formatFinding, type RuleFinding } from "./check.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import { readProject } from "./project.ts";
import { RULES } from "./rules/table.ts";

const ROOT = new URL("../../", import.meta.url);

/** Prints findings in the form that the command line asks for. */
function print(findings: readonly RuleFinding[], args: readonly string[]): void {
  if (args.includes("--json")) return console.log(JSON.stringify(findings));
  if (args.includes("--count")) {
    const groups = Map.groupBy(findings, ({ rule }) => rule);
    for (const [rule, { length }] of groups) console.log(`${rule}\t${length}`);
    return;
  }
  for (const finding of findings) console.error(formatFinding(finding));
}

if (import.meta.main) {
  const findings = checkProject(await readProject(ROOT), RULES, EXCEPTIONS);
  print(findings, Deno.args);
  if (findings.length > 0) Deno.exit(1);
}
