/**
 * Two linked meshes in one process, over HTTP/2 through relays that can be cut, or in process.
 *
 * @module
 */

import {
  type HttpMesh,
  type HttpMeshOptions,
  serveMesh,
} from "../../../coordinator/mesh/peers/http_mesh.ts";
import { linkInProcess } from "../../../coordinator/mesh/peers/in_process_mesh.ts";
import type { MeshLimits, MeshTimings } from "../../../coordinator/mesh/mesh_limits.ts";
import type { Mesh } from "../../../coordinator/mesh/mesh.ts";
import { TcpRelay } from "../../support/tcp_relay.ts";
import { waitUntil } from "../../support/wait_until.ts";

/** Short enough for tests, long enough for a busy machine. */
export const TEST_TIMINGS: MeshTimings = {
  heartbeatMs: 100,
  silenceMs: 1_000,
  lostAfterMs: 2_000,
  redialMs: 100,
};

/** Two shards, `a` and `b`, of which `a` dials. */
export interface MeshPair<M extends Mesh = Mesh> extends AsyncDisposable {
  readonly a: M;
  readonly b: M;
}

/** How to start a pair; the same tests hold for each. */
export const PLACES: Readonly<
  Record<string, (limits?: Partial<MeshLimits>) => Promise<MeshPair>>
> = {
  "over HTTP/2": (limits) => startHttpPair({ limits }),
  "in process": async (limits) => {
    const linked = await linkInProcess(["a", "b"], limits);
    return {
      a: linked.meshes.get("a")!,
      b: linked.meshes.get("b")!,
      [Symbol.asyncDispose]: () => linked[Symbol.asyncDispose](),
    };
  },
};

/** A pair over HTTP/2, with the relay in front of each. */
export interface HttpPair extends MeshPair<HttpMesh> {
  /** Through which `b` is reached. */
  readonly toB: TcpRelay;
  /** Through which `a` is reached. */
  readonly toA: TcpRelay;
  readonly logs: string[];
}

/** Starts two meshes and waits until they are linked. */
export async function startHttpPair(
  options: Partial<HttpMeshOptions> = {},
): Promise<HttpPair> {
  await using stack = new AsyncDisposableStack();
  const logs: string[] = [];
  const start = (shardId: string) =>
    startMesh(shardId, { onLog: (line) => logs.push(`${shardId}: ${line}`), ...options });
  const toA = stack.use(new TcpRelay(() => a.address.port));
  const toB = stack.use(new TcpRelay(() => b.address.port));
  const a: HttpMesh = stack.use(start("a"));
  const b: HttpMesh = stack.use(start("b"));
  a.setPeers(new Map([["b", { url: `http://127.0.0.1:${toB.port}`, epoch: 1 }]]));
  b.setPeers(new Map([["a", { url: `http://127.0.0.1:${toA.port}`, epoch: 1 }]]));
  await waitUntil(() => a.peers.length === 1 && b.peers.length === 1);
  const owned = stack.move();
  return { a, b, toA, toB, logs, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A mesh without peers, on a free port. */
export function startMesh(shardId: string, options: Partial<HttpMeshOptions> = {}): HttpMesh {
  return serveMesh({
    shardId,
    runId: crypto.randomUUID(),
    epoch: () => 1,
    listen: { hostname: "127.0.0.1", port: 0 },
    trust: { secret: "a secret of these tests" },
    timings: TEST_TIMINGS,
    ...options,
  });
}

/** Where a mesh listens, for `setPeers`. */
export function addressOf(mesh: HttpMesh, epoch = 1): { url: string; epoch: number } {
  return { url: `http://127.0.0.1:${mesh.address.port}`, epoch };
}
