/**
 * `deno task test`: makes sure that there is a Redis, then runs all tests.
 *
 * Arguments go to `deno test`, such as a folder or `--filter NAME`. Without any, tests of what spans
 * processes, which wait most of the time, run beside the others; what a bystander notices of an attack
 * says nothing beside other tests, so those come last and alone.
 *
 * @module
 */

import { findServer, installServer } from "../servers/server_binary.ts";

const ROOT = new URL("../", import.meta.url);
const FLAGS = [
  "test",
  "--allow-all",
  "--sanitize-ops",
  "--sanitize-resources",
  // What the runtime holds is compared without garbage.
  "--v8-flags=--expose-gc",
];
/** Folders of tests that mostly wait for failovers, leases and links. */
const WAITING = ["tests/cluster", "tests/coordinator", "tests/runtime/events"];
const ALONE = ["tests/security"];

/** What one run of `deno test` came to. */
interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly code: number;
}

if ((await findServer()) === undefined) await installServer((line) => console.error(line));
if (Deno.args.length > 0) Deno.exit(await runGiven(Deno.args));

const startedAt = performance.now();
const { code: isWrong } = await new Deno.Command(Deno.execPath(), {
  args: ["check", "--quiet"],
  cwd: ROOT,
}).spawn().status;
if (isWrong) Deno.exit(isWrong);
const others = [`--ignore=${[...WAITING, ...ALONE].join(",")}`, "tests"];
const outcomes = [
  ...await Promise.all([runQuietly(others), runQuietly(WAITING)]),
  await runQuietly(ALONE),
];
const sum = (read: (one: Outcome) => number) =>
  outcomes.reduce((total, one) => total + read(one), 0);
const isGood = outcomes.every(({ code }) => code === 0);
const seconds = Math.round((performance.now() - startedAt) / 1000);
console.log(
  `${isGood ? "ok" : "FAILED"} | ${sum(({ passed }) => passed)} passed | ` +
    `${sum(({ failed }) => failed)} failed (${Math.floor(seconds / 60)}m${seconds % 60}s in all)`,
);
Deno.exit(isGood ? 0 : 1);

async function runGiven(args: readonly string[]): Promise<number> {
  const { code } = await command(args, "inherit").spawn().status;
  return code;
}

/** Runs some folders; each test file's lines are shown together, when it is over. */
async function runQuietly(paths: readonly string[]): Promise<Outcome> {
  const process = command(paths, "piped").spawn();
  let block = "";
  const take = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      block += text;
      const end = block.lastIndexOf("\nrunning ") + 1;
      if (end > 0) {
        await Deno.stdout.write(new TextEncoder().encode(block.slice(0, end)));
        block = block.slice(end);
      }
    }
  };
  await Promise.all([take(process.stdout), take(process.stderr)]);
  const { code } = await process.status;
  console.log(block);
  const closing = /(\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed/.exec(block.slice(-4_000));
  // Where the tests did not even begin, such as where a module does not load, that is one failure.
  if (closing === null) return { passed: 0, failed: 1, code };
  return { passed: Number(closing[1]), failed: Number(closing[2]), code };
}

function command(args: readonly string[], output: "inherit" | "piped"): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    // All of it has been checked before, once.
    args: output === "piped" ? [...FLAGS, "--no-check", ...args] : [...FLAGS, ...args],
    cwd: ROOT,
    stdout: output,
    stderr: output,
    env: output === "piped" ? { NO_COLOR: "1" } : {},
  });
}
