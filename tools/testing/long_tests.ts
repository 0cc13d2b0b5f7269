/**
 * Runs the tests that do not fit into 20 minutes and writes down what they came to.
 *
 * @module
 */

import type { Outcome } from "./outcome.ts";
import { showOutcome } from "./outcome.ts";
import { ROOT, runTests } from "./run_tests.ts";

/** The last outcome of all long tests. */
const REPORT = new URL("docs/long-tests.md", ROOT);
/** "  npx -y deno task demo ... ok (9s)" */
const CASE = /^( *)(\S.*) \.\.\. (ok|FAILED|ignored).* \(([^()]+)\)$/;
const WORDS: Readonly<Record<string, string>> = {
  ok: "passed",
  FAILED: "failed",
  ignored: "skipped",
};

/** Ways to run them. */
export interface LongRun {
  /** Runs a part of each kind and writes nothing down. */
  readonly isSample: boolean;
  readonly show: (text: string) => void;
}

/** Runs the long tests of some folders; what they came to. */
export async function runLongTests(paths: readonly string[], run: LongRun): Promise<Outcome> {
  if (run.isSample) return await runTests(paths, { ...run, env: { PINION_LONG_SAMPLE: "1" } });
  const startedAt = performance.now();
  let log = "";
  const outcome = await runTests(paths, {
    show(text) {
      log += text;
      run.show(text);
    },
  });
  const closing = showOutcome(outcome, performance.now() - startedAt).split("\n").at(-1)!;
  await Deno.mkdir(new URL(".", REPORT), { recursive: true });
  await Deno.writeTextFile(REPORT, await describeRun(log, closing));
  return outcome;
}

async function describeRun(log: string, closing: string): Promise<string> {
  const gib = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  return `# Long tests

\`deno task test --long\` runs what does not fit into 20 minutes and rewrites this page.
\`deno task test --long --sample\` runs a part of each kind, as \`.ci/run\` does, and leaves the page.

Last run: ${new Date().toISOString().slice(0, 10)} on commit ${await readCommit()}, \
${navigator.hardwareConcurrency} cores, ${gib} GiB, Deno ${Deno.version.deno}.

\`\`\`text
${closing}
\`\`\`

| case | outcome | time |
| --- | --- | --- |
${listCases(log).join("\n")}
`;
}

/** A row for each case and step that ended. */
export function listCases(log: string): string[] {
  return log.split("\n").map((line) => CASE.exec(line)).filter((match) => match !== null)
    .map(([, indent, name, end, took]) =>
      `| ${indent ? "step: " : ""}${name} | ${WORDS[end]} | ${took} |`
    );
}

async function readCommit(): Promise<string> {
  const args = ["describe", "--always", "--dirty"];
  const { success, stdout } = await new Deno.Command("git", { args, cwd: ROOT }).output();
  return success ? new TextDecoder().decode(stdout).trim() : "unknown";
}
