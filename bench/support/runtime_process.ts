/**
 * A runtime as its users start it: `start --json`, a process of its own on free ports.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { ShardOptions } from "../../runtime/base/config.ts";
import { keepTail, readFirstLine, stopProcess } from "./child_process.ts";

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const ANY_PORT = "127.0.0.1:0";
/** Time between two looks at the number of isolates, and how long it must stay, in milliseconds. */
const LOOK_MS = 5;
const QUIET_MS = 60;

/** What a script came to. */
export interface RunReply<T> {
  readonly results: readonly T[];
  readonly errors: readonly string[];
}

/** See the module. */
export class RuntimeProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  /** The end of what it logged, once it is over. */
  readonly #log: Promise<string>;
  /** Process id of the runtime. */
  readonly pid: number;
  /** `http://HOST:PORT` */
  readonly url: string;
  /** `HOST:PORT` */
  readonly resp: string;

  private constructor(
    child: Deno.ChildProcess,
    log: Promise<string>,
    { http, resp }: { readonly http: string; readonly resp: string },
  ) {
    this.#child = child;
    this.#log = log;
    this.pid = child.pid;
    this.url = `http://${http}`;
    this.resp = resp;
  }

  /** Starts a runtime beside the Redis at `redis` and waits until it serves. */
  static async start(
    redis: string,
    options: Pick<ShardOptions, "isolates"> = {},
  ): Promise<RuntimeProcess> {
    const settings = await Deno.makeTempFile({ suffix: ".json" });
    await Deno.writeTextFile(settings, JSON.stringify(options));
    try {
      const child = new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "--config", CONFIG, MAIN, "start", "--json", "--redis", redis],
          ...["--resp", ANY_PORT, "--http", ANY_PORT, "--mesh", ANY_PORT, "--config", settings],
        ],
        env: { NO_COLOR: "1", PINION_TOKEN: "" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const log = keepTail(child.stderr);
      const line = await readFirstLine(child.stdout);
      if (line === null) throw new Error(`The runtime did not start:\n${await log}`);
      return new RuntimeProcess(child, log, JSON.parse(line));
    } finally {
      await Deno.remove(settings);
    }
  }

  /** Runs a script. @throws Error if it fails or has errors */
  async run<T>(script: string): Promise<readonly T[]> {
    const response = await fetch(`${this.url}/v1/run`, { method: "POST", body: script });
    if (!response.ok) throw new Error(await response.text());
    const { results, errors } = await response.json() as RunReply<T>;
    if (errors.length > 0) throw new Error(`The script had errors: ${errors[0]}`);
    return results;
  }

  /** Deploys one ES module as a library. */
  async deploy(name: string, source: string): Promise<void> {
    const response = await fetch(`${this.url}/v1/libraries/${name}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ source }),
    });
    if (!response.ok) throw new Error(await response.text());
    await response.body?.cancel();
  }

  /** Removes a library with its registrations. */
  async undeploy(name: string): Promise<void> {
    const response = await fetch(`${this.url}/v1/libraries/${name}`, { method: "DELETE" });
    if (!response.ok) throw new Error(await response.text());
    await response.body?.cancel();
  }

  /** Resolves when `count` isolates run, no more and no less, and that stays so for a moment. */
  async becomeQuiet(count: number): Promise<void> {
    let since = performance.now();
    while (performance.now() - since < QUIET_MS) {
      const { isolates } = await (await fetch(`${this.url}/healthz`)).json();
      if (isolates !== count) since = performance.now();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Stops the runtime and waits for its end. @throws Error if it ended before, or by a failure */
  async [Symbol.asyncDispose](): Promise<void> {
    await stopProcess(this.#child);
    await this.#child.stdout.cancel();
    const { success } = await this.#child.status;
    if (!success) throw new Error(`The runtime failed:\n${await this.#log}`);
  }
}
