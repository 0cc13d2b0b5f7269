/**
 * A mesh `a` in this process that is linked to a mesh `b` in another.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import type { HttpMesh } from "../../../coordinator/mesh/peers/http_mesh.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { startMesh } from "./mesh_pair.ts";

const MAIN = fileURLToPath(new URL("mesh_main.ts", import.meta.url));

/** See the module. */
export interface ProcessPair extends AsyncDisposable {
  readonly a: HttpMesh;
  /** The process of `b`. */
  signal(signal: Deno.Signal): void;
}

/** Starts both and waits until they are linked. */
export async function startProcessPair(): Promise<ProcessPair> {
  await using stack = new AsyncDisposableStack();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", MAIN],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  let hasEnded = false;
  void child.status.then(() => hasEnded = true);
  stack.defer(async () => {
    if (!hasEnded) child.kill("SIGKILL");
    await child.status;
  });
  const stdin = child.stdin.getWriter();
  stack.defer(() => stdin.abort().catch(() => {}));
  const stdout = child.stdout.getReader();
  stack.defer(() => stdout.cancel());
  const a = stack.use(startMesh("a"));
  const port = Number(new TextDecoder().decode((await stdout.read()).value));
  await stdin.write(new TextEncoder().encode(`${a.address.port}\n`));
  a.setPeers(new Map([["b", { url: `http://127.0.0.1:${port}`, epoch: 1 }]]));
  await waitUntil(() => a.peers.length === 1, 10_000);
  const owned = stack.move();
  return {
    a,
    signal: (signal) => child.kill(signal),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
