import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import { waitUntil } from "../../support/wait_until.ts";
import { startHttpPair } from "./mesh_pair.ts";

/** A message of some size that says its number. */
function numbered(number: number, byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

Deno.test("over links that break, every message arrives once and in order", async () => {
  await using pair = await startHttpPair();
  const { a, b, toA, toB } = pair;
  const lost: string[] = [];
  a.onPeerLost((shardId) => lost.push(shardId));
  b.onPeerLost((shardId) => lost.push(shardId));
  const received: Record<string, number[]> = { a: [], b: [] };
  const read = Promise.withResolvers<void>();
  let open = 2;
  for (const mesh of [a, b]) {
    mesh.accept("data", z.null(), async (_from, _header, channel) => {
      for await (const bytes of channel) received[mesh.shardId].push(numberOf(bytes));
      if (--open === 0) read.resolve();
    });
  }
  b.handle("echo", z.int(), (_from, number) => number);

  let isOver = false;
  const cutting = (async () => {
    for (let cuts = 0; !isOver; cuts++) {
      const before = a.stats()[0].reconnects;
      const frames = a.stats()[0].receivedFrames;
      (cuts % 2 === 0 ? toA : toB).cut();
      await waitUntil(() => isOver || a.stats()[0].reconnects > before);
      await waitUntil(() => isOver || a.stats()[0].receivedFrames > frames + 50);
    }
  })();
  const count = 4_000;
  const expected = Array.from({ length: count }, (_, number) => number);
  const sending = [[a, "b"], [b, "a"]] as const;
  const answers: number[] = [];
  await Promise.all([
    ...sending.map(async ([mesh, to]) => {
      const channel = mesh.open(to, "data", null);
      for (const number of expected) await channel.send(numbered(number, 4 + number % 20_000));
      channel.end();
      await channel.closed;
    }),
    (async () => {
      for (let number = 0; number < 200; number++) {
        answers.push(await a.request("b", "echo", number) as number);
      }
    })(),
  ]);
  await read.promise;
  isOver = true;
  await cutting;
  assertEquals(received.a, expected);
  assertEquals(received.b, expected);
  assertEquals(answers, expected.slice(0, 200));
  assertEquals(lost, []);
  const [stats] = a.stats();
  assert(stats.reconnects > 3, `${stats.reconnects} reconnects`);
  assert(stats.resentFrames + b.stats()[0].resentFrames > 0, "nothing was sent twice");
});

Deno.test("what is asked while the link is down is sent when it is back", async () => {
  await using pair = await startHttpPair();
  const { a, b, toA, toB } = pair;
  a.handle("echo", z.int(), (_from, number) => number);
  toA.refuse();
  toB.refuse();
  await waitUntil(() => a.peers.length === 0 && b.peers.length === 0);
  const asked = [1, 2, 3].map((number) => b.request("a", "echo", number));
  toA.open();
  toB.open();
  assertEquals(await Promise.all(asked), [1, 2, 3]);
});

Deno.test("a slow network slows, and loses nothing", async () => {
  await using pair = await startHttpPair();
  const { a, b, toA, toB } = pair;
  toA.delayMs = toB.delayMs = 30;
  const received: number[] = [];
  b.accept("data", z.null(), async (_from, _header, channel) => {
    for await (const bytes of channel) received.push(numberOf(bytes));
  });
  const channel = a.open("b", "data", null);
  const numbers = Array.from({ length: 100 }, (_, number) => number);
  for (const number of numbers) await channel.send(numbered(number, 20_000));
  channel.end();
  await channel.closed;
  assertEquals(received, numbers);
});

Deno.test("what is kept to be sent again is dropped when it has arrived", async () => {
  await using pair = await startHttpPair();
  const { a, b } = pair;
  b.handle("echo", z.string(), (_from, text) => text.length);
  for (let count = 0; count < 20; count++) await a.request("b", "echo", "x".repeat(100_000));
  await waitUntil(() => [a, b].every((mesh) => mesh.stats()[0].unacknowledgedBytes === 0));
});
