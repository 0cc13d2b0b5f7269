/**
 * Starts `deno test` with the flags of this repository.
 *
 * @module
 */

import { type Outcome, OutcomeReader } from "./outcome.ts";

/** The repository. */
export const ROOT = new URL("../../", import.meta.url);
const FLAGS = [
  "test",
  "--allow-all",
  "--sanitize-ops",
  "--sanitize-resources",
  // What the runtime holds is compared without garbage.
  "--v8-flags=--expose-gc",
  `--preload=${new URL("case_deadlines.ts", import.meta.url).pathname}`,
];

/** Ways to run tests. */
export interface RunOptions {
  /** Takes text to show, whole lines. */
  readonly show: (text: string) => void;
  /** Holds the lines of a test file until it is over, so that files do not mix. */
  readonly byFile?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `deno test` on this terminal; its exit code. */
export async function runOnTerminal(args: readonly string[]): Promise<number> {
  return (await command(args, { stdout: "inherit", stderr: "inherit" }).spawn().status).code;
}

/** Runs folders and files of tests whose types are checked already; what they came to. */
export async function runTests(paths: readonly string[], options: RunOptions): Promise<Outcome> {
  const child = command(["--no-check", ...paths], {
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...options.env },
  }).spawn();
  const reader = new OutcomeReader();
  let held = "";
  const show = (lines: readonly string[]) => {
    for (const line of lines) {
      reader.read(line);
      if (line.startsWith("running ")) release();
      held += `${line}\n`;
    }
    if (!options.byFile) release();
  };
  const release = () => {
    if (held !== "") options.show(held);
    held = "";
  };
  await Promise.all([readLines(child.stdout, show), readLines(child.stderr, show)]);
  release();
  return reader.end((await child.status).code);
}

/** Hands over the lines of a stream, as many as have come. */
async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (lines: readonly string[]) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    take(lines);
  }
  if (rest !== "") take([rest]);
}

function command(args: readonly string[], options: Deno.CommandOptions): Deno.Command {
  return new Deno.Command(Deno.execPath(), { args: [...FLAGS, ...args], cwd: ROOT, ...options });
}
