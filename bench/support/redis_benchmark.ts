/**
 * The load generator that comes with Redis and Valkey.
 *
 * @module
 */

import { findServer } from "../../servers/server_binary.ts";

/** What it measured. */
export interface CommandLoad {
  readonly ratePerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What it does. */
export interface CommandLoadOptions {
  readonly port: number;
  readonly connections: number;
  readonly requests: number;
  readonly command: readonly string[];
}

/** Sends one command again and again, each connection the next when it has its reply. */
export async function loadCommand(
  { port, connections, requests, command }: CommandLoadOptions,
): Promise<CommandLoad> {
  const { success, stdout, stderr } = await new Deno.Command(await findProgram(), {
    args: ["-p", `${port}`, "-c", `${connections}`, "-n", `${requests}`, "--csv", ...command],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  const lines = decoder.decode(stdout).trim().split("\n");
  // What it prints of an error goes to stdout, before the table.
  const header = lines.findIndex((line) => line.startsWith('"test"'));
  if (!success || header === -1 || header + 2 !== lines.length) {
    throw new Error(`The load generator failed: ${lines[0]} ${decoder.decode(stderr)}`);
  }
  const [names, values] = lines.slice(header).map((line) => line.slice(1, -1).split('","'));
  const read = (name: string) => Number(values[names.indexOf(name)]);
  return {
    ratePerSecond: read("rps"),
    p50Ms: read("p50_latency_ms"),
    p99Ms: read("p99_latency_ms"),
  };
}

/** It lies beside the server. */
async function findProgram(): Promise<string> {
  const server = await findServer();
  if (server === undefined) throw new Error("There is no Redis on this machine");
  return server.path.replace(/-server$/, "-benchmark");
}
