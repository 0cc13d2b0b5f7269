/**
 * The place that the commands of one page run in: a folder of its own, and a runtime, or a cluster,
 * that is started for it.
 *
 * Pages name the default ports. A session has free ports instead: they take the place of the
 * default ones in each command. `deno task` works as in a checkout although the folder is another
 * one.
 *
 * @module
 */

import { buildIsolate } from "../../../tools/build/bundle_isolate.ts";
import { dirname, join } from "node:path";
import { choosePort } from "../../../servers/free_port.ts";
import { cliCommand } from "../../cli/run_cli.ts";
import { pathOf } from "./pages.ts";

// Runtimes that are started from here refuse a bundle that is older than its sources.
await buildIsolate();

/** What a command came to. */
export interface ShellResult {
  readonly code: number;
  /** What it wrote to either stream. */
  readonly output: string;
}

/** A page's place. */
export interface PageSession extends AsyncDisposable {
  /** Folder of the page's files. */
  readonly folder: string;
  /** Writes a file of the page. */
  write(name: string, text: string): Promise<void>;
  /** Runs lines of a shell as they stand on the page; the first that fails ends it. */
  run(lines: string): Promise<ShellResult>;
}

/** Ports that pages name, by offset from the base port of a cluster or by their use. */
type Ports = ReadonlyMap<string, string>;

/** `deno task` for the tasks of this project, `deno` for everything else. */
const TASK_SHIM = `#!/bin/sh
if [ "$1" != task ]; then exec "$REAL_DENO" "$@"; fi
task=$2
shift 2
case $task in
  pinion) ;;
  cluster) set -- start-cluster "$@" ;;
  *) set -- "$task" "$@" ;;
esac
exec "$REAL_DENO" run -A --config "$PINION_CONFIG" "$PINION_MAIN" "$@"
`;

/** Starts a runtime, or a cluster of `shards`, and makes a folder. */
export async function openSession({ shards }: { readonly shards: number }): Promise<PageSession> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "pinion-page-" }));
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const tools = await Deno.makeTempDir({ prefix: "pinion-tools-" });
  stack.defer(() => Deno.remove(tools, { recursive: true }));
  await Deno.writeTextFile(join(tools, "deno"), TASK_SHIM, { mode: 0o755 });
  await Deno.symlink(pathOf("examples"), join(folder, "examples"));
  const ports = shards === 1 ? await startOne(stack) : await startMany(stack, shards);
  const kept = stack.move();
  return {
    folder,
    async write(name, text) {
      await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
      await Deno.writeTextFile(join(folder, name), text);
    },
    run: (lines) => runShell(replacePorts(lines, ports), { folder, tools, url: urlOf(ports) }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function startOne(stack: AsyncDisposableStack): Promise<Ports> {
  const any = "127.0.0.1:0";
  const args = ["start", "--json", "--resp", any, "--http", any, "--mesh", any];
  const [ready] = await startProcess(stack, args, 1);
  const portOf = (address: string) => address.split(":").at(-1)!;
  return new Map([
    ["6379", new URL(ready.redis).port],
    ["6380", portOf(ready.resp)],
    ["7480", portOf(ready.http)],
  ]);
}

async function startMany(stack: AsyncDisposableStack, shards: number): Promise<Ports> {
  const base = choosePort({ cluster: true });
  const args = ["start-cluster", "--json", "--shards", `${shards}`, "--base-port", `${base}`];
  await startProcess(stack, args, shards);
  const ports = new Map<string, string>();
  for (const offset of [0, 100, 200, 300]) {
    for (let shard = 0; shard < shards; shard++) {
      ports.set(`${7000 + offset + shard}`, `${base + offset + shard}`);
    }
  }
  return ports;
}

interface Ready {
  readonly redis: string;
  readonly resp: string;
  readonly http: string;
}

/** Starts the command line and waits for so many ready lines. */
async function startProcess(
  stack: AsyncDisposableStack,
  args: readonly string[],
  lines: number,
): Promise<Ready[]> {
  const process = cliCommand(args, { stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const stderr = new Response(process.stderr).text();
  stack.defer(async () => {
    process.kill("SIGTERM");
    while (!(await reader.read()).done);
    await Promise.all([process.status, stderr]);
  });
  let stdout = "";
  while (stdout.split("\n").length <= lines) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${args[0]} ended: ${await stderr}`);
    stdout += value;
  }
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

function urlOf(ports: Ports): string {
  return `http://127.0.0.1:${ports.get("7480") ?? ports.get("7200")}`;
}

function replacePorts(text: string, ports: Ports): string {
  return text.replace(/(?<!\d)\d{4}(?!\d)/g, (port) => ports.get(port) ?? port);
}

/** Time after which a block has to be over. */
const MAX_SECONDS = 120;

/** Waits longer than pages say: machines that run tests have other things to do. */
const PRELUDE = `exec 2>&1
sleep() { command sleep $(($1 * 3)); }
`;

async function runShell(
  lines: string,
  { folder, tools, url }: { folder: string; tools: string; url: string },
): Promise<ShellResult> {
  const { code, stdout } = await new Deno.Command("timeout", {
    args: [`${MAX_SECONDS}`, "bash", "-e", "-o", "pipefail", "-c", PRELUDE + lines],
    cwd: folder,
    stdin: "null",
    env: {
      PATH: `${tools}:${Deno.env.get("PATH")}`,
      REAL_DENO: Deno.execPath(),
      PINION_CONFIG: pathOf("deno.json"),
      PINION_MAIN: pathOf("cli/main.ts"),
      PINION_URL: url,
      PINION_TOKEN: "",
      PINION_REDIS: "",
      NO_COLOR: "1",
      // redis-cli writes what it shows on a terminal, as pages do.
      FAKETTY: "1",
    },
  }).output();
  return { code, output: new TextDecoder().decode(stdout) };
}
