/**
 * Starts the load generator and the server that its rate is compared with.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { LoadOrder, LoadReport } from "../processes/load_generator.ts";
import { readFirstLine, stopProcess } from "./child_process.ts";

const CONNECTIONS = 50;

/** Sends `method path` to a server of this machine for some seconds. */
export async function generateLoad(
  target: Pick<LoadOrder, "port" | "method" | "path">,
  seconds: number,
): Promise<LoadReport> {
  const order: LoadOrder = {
    ...target,
    hostname: "127.0.0.1",
    connections: CONNECTIONS,
    seconds,
  };
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", pathOf("load_generator"), JSON.stringify(order)],
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("The load generator failed");
  return JSON.parse(new TextDecoder().decode(stdout)) as LoadReport;
}

/** A running server. */
export interface ServerProcess extends AsyncDisposable {
  readonly port: number;
}

/** Starts a `Deno.serve` that answers a constant. */
export async function startBareServer(): Promise<ServerProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", pathOf("bare_server")],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const port = Number(await readFirstLine(child.stdout));
  return {
    port,
    async [Symbol.asyncDispose](): Promise<void> {
      await stopProcess(child);
      await child.stdout.cancel();
    },
  };
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../processes/${name}.ts`, import.meta.url));
}
