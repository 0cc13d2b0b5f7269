/**
 * A runtime as `start --json` gives it: a process with a Redis of its own, on free ports.
 *
 * @module
 */

import { cliCommand } from "./run_cli.ts";

/** The ready line. */
export interface Ready {
  readonly ready: true;
  readonly redis: string;
  readonly resp: string;
  readonly http: string;
  readonly mesh: string | null;
  readonly pid: number;
}

/** A running `start`. */
export interface RuntimeProcess extends AsyncDisposable {
  readonly ready: Ready;
  /** `http://…`, for `--url`. */
  readonly url: string;
  /** Sends a signal and waits for the end. */
  stop(signal?: Deno.Signal): Promise<{ code: number; stdout: string; stderr: string }>;
}

const ANY_PORT = "127.0.0.1:0";

/** Starts it and waits for the ready line. */
export async function startRuntime(args: readonly string[] = []): Promise<RuntimeProcess> {
  const ports = ["--resp", ANY_PORT, "--http", ANY_PORT, "--mesh", ANY_PORT];
  const process = cliCommand(["start", "--json", ...ports, ...args], {
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream());
  const reader = lines.getReader();
  const stderr = new Response(process.stderr).text();
  let stdout = "";
  while (!stdout.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`start ended with ${(await process.status).code}: ${await stderr}`);
    stdout += value;
  }
  const ready: Ready = JSON.parse(stdout);
  let ended: Promise<{ code: number; stdout: string; stderr: string }> | undefined;
  const stop = (signal: Deno.Signal = "SIGTERM") => {
    ended ??= (async () => {
      process.kill(signal);
      const { code } = await process.status;
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        stdout += part.value;
      }
      return { code, stdout, stderr: await stderr };
    })();
    return ended;
  };
  return {
    ready,
    url: `http://${ready.http}`,
    stop,
    async [Symbol.asyncDispose](): Promise<void> {
      await stop();
    },
  };
}
