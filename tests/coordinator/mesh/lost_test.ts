import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { z } from "zod";
import type { Mesh } from "../../../coordinator/mesh/mesh.ts";
import { PinionError } from "../../../errors.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { addressOf, startHttpPair, startMesh, TEST_TIMINGS } from "./mesh_pair.ts";

/** After this every loss has been noticed, were the machine not busy at all. */
const BOUND_MS = TEST_TIMINGS.lostAfterMs + TEST_TIMINGS.silenceMs + 2_000;

/** Why peers of a mesh were lost, as they are. */
function watchLosses(mesh: Mesh): string[] {
  const losses: string[] = [];
  mesh.onPeerLost((_shardId, { message }) => losses.push(message));
  return losses;
}

Deno.test("a partition without a word ends what is under way on both sides, in bounded time", async () => {
  await using pair = await startHttpPair();
  const { a, b, toA, toB } = pair;
  const losses = [watchLosses(a), watchLosses(b)];
  const reading = Promise.withResolvers<unknown>();
  const aborted = Promise.withResolvers<unknown>();
  b.accept("data", z.null(), async (_from, _header, channel) => {
    try {
      for await (const _bytes of channel);
    } catch (error) {
      reading.resolve(error);
    }
  });
  b.handle(
    "wait",
    z.null(),
    (_from, _body, signal) =>
      new Promise((resolve) =>
        signal.addEventListener("abort", () => {
          aborted.resolve(signal.reason);
          resolve(null);
        })
      ),
  );
  const channel = a.open("b", "data", null);
  await channel.send(new Uint8Array(10));
  const asked = a.request("b", "wait", null).catch((error) => error);
  await waitUntil(() => b.stats()[0].channels === 1 && b.stats()[0].receivedFrames >= 3);
  toA.freeze();
  toB.freeze();
  const frozenAt = performance.now();
  const failures = await Promise.all([
    channel.closed.catch((error) => error),
    asked,
    reading.promise,
    aborted.promise,
  ]);
  const elapsedMs = performance.now() - frozenAt;
  assert(elapsedMs < BOUND_MS, `noticed after ${elapsedMs} ms`);
  assertEquals(failures.map((error) => [error instanceof PinionError, error.code]), [
    ...Array.from({ length: 4 }, () => [true, "SHARD_LOST"]),
  ]);
  assertMatch(losses[0].join(), /^Shard b is lost: not heard for \d+ ms/);
  assertMatch(losses[1].join(), /^Shard a is lost: not heard for \d+ ms/);
  const late = await assertRejects(() => a.request("b", "wait", null), PinionError);
  assertEquals(late.code, "SHARD_LOST");

  // When the network is back they link anew, and nothing of before is carried over.
  toA.thaw();
  toB.thaw();
  await waitUntil(() => a.peers.length === 1 && b.peers.length === 1);
  b.handle("echo", z.int(), (_from, number) => number);
  assertEquals(await a.request("b", "echo", 1), 1);
  assertEquals(a.stats()[0].channels, 0);
});

Deno.test("where one direction is silent, both sides lose the other", async () => {
  await using pair = await startHttpPair();
  const { a, b, toA } = pair;
  const losses = [watchLosses(a), watchLosses(b)];
  toA.freeze();
  await waitUntil(() => losses.every(({ length }) => length > 0), BOUND_MS);
  toA.thaw();
  await waitUntil(() => a.peers.length === 1 && b.peers.length === 1);
});

Deno.test("a peer that refuses connections is lost in bounded time, and linked when it is back", async () => {
  await using pair = await startHttpPair();
  const { a, b, toA, toB } = pair;
  const losses = [watchLosses(a), watchLosses(b)];
  toA.refuse();
  toB.refuse();
  await waitUntil(() => losses.every(({ length }) => length === 1), BOUND_MS);
  toA.open();
  toB.open();
  await waitUntil(() => a.peers.length === 1 && b.peers.length === 1);
});

Deno.test("a runtime that is started again is another one: what was under way is lost", async () => {
  await using a = startMesh("a");
  const losses = watchLosses(a);
  let port: number;
  {
    await using b = startMesh("b");
    port = b.address.port;
    a.setPeers(new Map([["b", addressOf(b)]]));
    b.setPeers(new Map([["a", addressOf(a)]]));
    await waitUntil(() => a.peers.length === 1 && b.peers.length === 1);
  }
  assertEquals(losses, ["Shard b is lost: its runtime stopped"]);
  await using b = startMesh("b", { listen: { hostname: "127.0.0.1", port } });
  b.handle("echo", z.int(), (_from, number) => number);
  b.setPeers(new Map([["a", addressOf(a)]]));
  await waitUntil(() => a.peers.length === 1);
  assertEquals(await a.request("b", "echo", 5), 5);
});

Deno.test("who acts for a shard may change: the old one is lost, the new one linked", async () => {
  await using a = startMesh("a");
  await using first = startMesh("b", { epoch: () => 1 });
  await using second = startMesh("b", { epoch: () => 2 });
  for (const [name, mesh] of Object.entries({ first, second })) {
    mesh.handle("name", z.null(), () => name);
    mesh.setPeers(new Map([["a", addressOf(a)]]));
  }
  const losses = watchLosses(a);
  const linked: string[] = [];
  const unsubscribe = a.onPeerLinked((shardId) => linked.push(shardId));
  a.setPeers(new Map([["b", addressOf(first, 1)]]));
  assertEquals(await a.request("b", "name", null), "first");
  a.setPeers(new Map([["b", addressOf(second, 2)]]));
  assertEquals(await a.request("b", "name", null), "second");
  // What membership knew before says nothing any more.
  a.setPeers(new Map([["b", addressOf(first, 1)]]));
  assertEquals(await a.request("b", "name", null), "second");
  assertEquals(losses, ["Shard b is lost: another runtime acts for it now"]);
  unsubscribe();
  assertEquals(linked, ["b", "b"]);
  a.setPeers(new Map());
  assertEquals(losses[1], "Shard b is lost: it is not in the cluster any more");
  assertEquals(a.peers, []);
});

Deno.test("a runtime that has a new lease is the same: its link stays", async () => {
  let epoch = 1;
  await using a = startMesh("a");
  await using b = startMesh("b", { epoch: () => epoch });
  b.handle("echo", z.int(), (_from, number) => number);
  const losses = watchLosses(a);
  a.setPeers(new Map([["b", addressOf(b, 1)]]));
  b.setPeers(new Map([["a", addressOf(a)]]));
  assertEquals(await a.request("b", "echo", 1), 1);
  epoch = 2;
  a.setPeers(new Map([["b", addressOf(b, 2)]]));
  assertEquals(await a.request("b", "echo", 2), 2);
  assertEquals([losses, a.stats()[0].reconnects], [[], 0]);
});

Deno.test("a peer that never comes is lost too, and what waits for it fails", async () => {
  await using a = startMesh("a");
  const losses = watchLosses(a);
  a.setPeers(new Map([["b", { url: "http://127.0.0.1:9", epoch: 1 }]]));
  const error = await assertRejects(() => a.request("b", "echo", 1), PinionError);
  assertEquals(error.code, "SHARD_LOST");
  assertEquals(losses, [error.message]);
});

Deno.test("requests and channels that begin before the link wait for it", async () => {
  await using a = startMesh("a");
  await using b = startMesh("b");
  const sizes: number[] = [];
  b.handle("echo", z.int(), (_from, number) => number);
  b.accept("data", z.null(), async (_from, _header, channel) => {
    for await (const bytes of channel) sizes.push(bytes.byteLength);
  });
  a.setPeers(new Map([["b", addressOf(b)]]));
  const asked = a.request("b", "echo", 3);
  const channel = a.open("b", "data", null);
  channel.send(new Uint8Array(5));
  channel.end();
  b.setPeers(new Map([["a", addressOf(a)]]));
  assertEquals(await asked, 3);
  await channel.closed;
  assertEquals(sizes, [5]);
});
