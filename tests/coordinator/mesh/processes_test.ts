import { assert, assertEquals, assertMatch } from "@std/assert";
import type { PinionError } from "../../../errors.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { TEST_TIMINGS } from "./mesh_pair.ts";
import { startProcessPair } from "./mesh_process.ts";

const MIB = 1024 * 1024;
/** After this a loss has been noticed, were the machine not busy at all. */
const BOUND_MS = TEST_TIMINGS.lostAfterMs + TEST_TIMINGS.silenceMs + 2_000;

for (const signal of ["SIGKILL", "SIGSTOP"] as const) {
  Deno.test(`${signal} of a peer ends what is under way in bounded time, naming its shard`, async () => {
    await using pair = await startProcessPair();
    const { a } = pair;
    const asked = a.request("b", "wait", null).catch((error) => error);
    const channel = a.open("b", "stuck", null);
    channel.send(new Uint8Array(100));
    await waitUntil(() => a.stats()[0].unacknowledged === 0);
    pair.signal(signal);
    const stoppedAt = performance.now();
    const failures: PinionError[] = await Promise.all([
      asked,
      channel.closed.catch((error) => error),
    ]);
    const elapsedMs = performance.now() - stoppedAt;
    assert(elapsedMs < BOUND_MS, `noticed after ${elapsedMs} ms`);
    for (const { code, message } of failures) {
      assertEquals(code, "SHARD_LOST");
      assertMatch(message, /^Shard b is lost: /);
    }
    assertEquals(a.peers, []);
  });
}

Deno.test("a peer that was stopped for long and goes on is linked anew", async () => {
  await using pair = await startProcessPair();
  const { a } = pair;
  let losses = 0;
  a.onPeerLost(() => losses++);
  pair.signal("SIGSTOP");
  await waitUntil(() => losses === 1, BOUND_MS);
  pair.signal("SIGCONT");
  await waitUntil(() => a.peers.length === 1, BOUND_MS);
  assertEquals(await a.request("b", "echo", "again"), "again");
});

Deno.test("a peer that was stopped for a moment is not lost, and loses nothing", async () => {
  await using pair = await startProcessPair();
  const { a } = pair;
  let losses = 0;
  a.onPeerLost(() => losses++);
  pair.signal("SIGSTOP");
  const asked = a.request("b", "echo", "patience");
  await new Promise((resolve) => setTimeout(resolve, TEST_TIMINGS.silenceMs / 2));
  pair.signal("SIGCONT");
  assertEquals(await asked, "patience");
  assertEquals(losses, 0);
});

Deno.test("a mesh whose peer hangs stops all the same", async () => {
  const pair = await startProcessPair();
  pair.signal("SIGSTOP");
  const startedAt = performance.now();
  await pair.a[Symbol.asyncDispose]();
  assert(performance.now() - startedAt < BOUND_MS);
  await pair[Symbol.asyncDispose]();
});

Deno.test("memory stays flat on both sides while a slow reader takes 200 MiB", async () => {
  await using pair = await startProcessPair();
  const { a } = pair;
  const warmUp = async (bytes: number) => {
    const channel = a.open("b", "slow", null);
    let peak = 0;
    for (let sent = 0; sent < bytes; sent += 64 * 1024) {
      await channel.send(new Uint8Array(64 * 1024));
      if (sent % MIB === 0) peak = Math.max(peak, Deno.memoryUsage().rss);
    }
    channel.end();
    await channel.closed;
    return peak;
  };
  await warmUp(20 * MIB);
  const before = [Deno.memoryUsage().rss, await a.request("b", "rss", null) as number];
  const peak = await warmUp(200 * MIB);
  const grown = [peak - before[0], await a.request("b", "peak rss", null) as number - before[1]];
  for (const bytes of grown) {
    assert(
      bytes < 80 * MIB,
      `grown by ${grown.map((it) => it / MIB)} MiB`,
    );
  }
});
