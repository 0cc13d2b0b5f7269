import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { z } from "zod";
import type { IncomingChannel, Mesh, MeshChannel } from "../../../coordinator/mesh/mesh.ts";
import { PinionError } from "../../../errors.ts";
import { createRandom, SEED } from "../../support/random.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { PLACES } from "./mesh_pair.ts";

const LIMITS = { windowBytes: 64 * 1024, pendingBytes: 32 * 1024 };

/** The channels that a mesh takes, in the order in which they came. */
function takeChannels(mesh: Mesh): IncomingChannel[] {
  const channels: IncomingChannel[] = [];
  mesh.accept("data", z.unknown(), (_from, _header, channel) => void channels.push(channel));
  return channels;
}

async function readAll(channel: IncomingChannel): Promise<Uint8Array[]> {
  return await Array.fromAsync(channel);
}

/** Sends as long as there is room; gives how many messages that were. */
function fill(channel: MeshChannel, bytes: number): number {
  for (let count = 1;; count++) {
    const waits = channel.send(new Uint8Array(bytes));
    if (waits === undefined) continue;
    waits.catch(() => {});
    return count;
  }
}

/** Sends until for some time there is no room; gives how many messages that were. */
async function fillUp(channel: MeshChannel, bytes: number): Promise<number> {
  let count = 0;
  while (true) {
    const waits = channel.send(new Uint8Array(bytes));
    count++;
    if (waits === undefined) continue;
    const idle = Promise.withResolvers<"idle">();
    const timer = setTimeout(() => idle.resolve("idle"), 200);
    const outcome = await Promise.race([waits, idle.promise]);
    clearTimeout(timer);
    if (outcome === "idle") return count;
  }
}

for (const [place, start] of Object.entries(PLACES)) {
  const test = (name: string, run: () => Promise<void>) => Deno.test(`${place}: ${name}`, run);

  test("messages arrive as they were sent, of any size, in order", async () => {
    await using pair = await start(LIMITS);
    const headers: unknown[] = [];
    const received = Promise.withResolvers<Uint8Array[]>();
    pair.b.accept("data", z.object({ to: z.string() }), (from, header, channel) => {
      headers.push([from, header]);
      received.resolve(readAll(channel));
    });
    const random = createRandom(SEED);
    const sent = Array.from({ length: 200 }, (_, index) => {
      const large = index % 50 === 0 ? 300_000 : 2_000;
      return crypto.getRandomValues(new Uint8Array(random(3) === 0 ? 0 : random(large) % 65_536));
    });
    sent.push(new Uint8Array(700_001).fill(7));
    const channel = pair.a.open("b", "data", { to: "stage 1" });
    for (const bytes of sent) await channel.send(bytes);
    channel.end();
    assertEquals(await received.promise, sent, `seed ${SEED}`);
    await channel.closed;
    assertEquals(headers, [["a", { to: "stage 1" }]]);
    await waitUntil(() => pair.a.stats()[0].channels === 0 && pair.b.stats()[0].channels === 0);
  });

  test("a receiver that does not read stops its sender, and no other channel", async () => {
    await using pair = await start(LIMITS);
    const channels = takeChannels(pair.b);
    const stuck = pair.a.open("b", "data", null);
    const count = await fillUp(stuck, 4_096);
    const most = LIMITS.windowBytes + LIMITS.pendingBytes + 2 * 4_112;
    assert(count * 4_112 <= most, `${count} messages were taken, ${most} bytes may be`);

    const other = pair.a.open("b", "data", null);
    const back = pair.b;
    const backChannels = takeChannels(pair.a);
    const reverse = back.open("a", "data", null);
    await waitUntil(() => channels.length === 2 && backChannels.length === 1);
    const reading = Promise.all([readAll(channels[1]), readAll(backChannels[0])]);
    for (let sent = 0; sent < 500; sent++) {
      await other.send(new Uint8Array(4_096));
      await reverse.send(new Uint8Array(4_096));
    }
    other.end();
    reverse.end();
    assertEquals((await reading).map(({ length }) => length), [500, 500]);

    // It goes on where it stopped as soon as somebody reads.
    stuck.end();
    assertEquals((await readAll(channels[0])).length, count);
    await stuck.closed;
  });

  test("who does not wait is stopped by an error", async () => {
    await using pair = await start(LIMITS);
    takeChannels(pair.b);
    const channel = pair.a.open("b", "data", null);
    const error = assertThrows(() => {
      for (let sent = 0; sent < 1_000; sent++) fill(channel, 4_096);
    }, PinionError);
    assertEquals(error.code, "LIMIT_MESH");
  });

  test("reading one message at a time gives credit for each", async () => {
    await using pair = await start(LIMITS);
    const channels = takeChannels(pair.b);
    const channel = pair.a.open("b", "data", null);
    const sending = (async () => {
      for (let sent = 0; sent < 300; sent++) await channel.send(Uint8Array.of(sent % 256));
      for (let sent = 0; sent < 300; sent++) await channel.send(new Uint8Array(2_000));
      channel.end();
    })();
    await waitUntil(() => channels.length === 1);
    let count = 0;
    for await (const _message of channels[0]) {
      count++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await sending;
    assertEquals(count, 600);
  });

  test("the sender's abort reaches the reader", async () => {
    await using pair = await start();
    const channels = takeChannels(pair.b);
    const channel = pair.a.open("b", "data", null);
    await channel.send(new Uint8Array(10));
    await waitUntil(() => channels.length === 1);
    const reading = readAll(channels[0]);
    channel.abort(new PinionError("EXECUTION_ABORTED", "It was aborted"));
    assertEquals((await assertRejects(() => reading, PinionError)).message, "It was aborted");
    assertEquals(
      (await assertRejects(() => channel.closed, PinionError)).code,
      "EXECUTION_ABORTED",
    );
    assertThrows(() => channel.send(new Uint8Array(1)), PinionError, "It was aborted");
  });

  test("the receiver's stop reaches the sender, also one that waits", async () => {
    await using pair = await start(LIMITS);
    const channels = takeChannels(pair.b);
    const channel = pair.a.open("b", "data", null);
    await fillUp(channel, 4_096);
    const waiting = assertRejects(() => channel.send(new Uint8Array(1)) as Promise<void>);
    await waitUntil(() => channels.length === 1);
    channels[0].stop(new PinionError("LIMIT_MEMORY", "It is full"));
    assertEquals((await waiting as PinionError).code, "LIMIT_MEMORY");
    assertEquals((await assertRejects(() => channel.closed, PinionError)).message, "It is full");
    await assertRejects(() => readAll(channels[0]), PinionError, "It is full");
  });

  test("leaving the iteration stops the sender", async () => {
    await using pair = await start();
    const channels = takeChannels(pair.b);
    const channel = pair.a.open("b", "data", null);
    await channel.send(new Uint8Array(1));
    await waitUntil(() => channels.length === 1);
    for await (const _message of channels[0]) break;
    assertEquals((await assertRejects(() => channel.closed, PinionError)).code, "MESH_REFUSED");
  });

  test("a channel that is not taken fails with the reason", async () => {
    await using pair = await start();
    pair.b.accept("data", z.int(), () => {
      throw new PinionError("NO_EXECUTION", "There is no such execution");
    });
    const code = async (channel: MeshChannel) =>
      (await assertRejects(() => channel.closed, PinionError)).code;
    assertEquals(await code(pair.a.open("b", "data", 1)), "NO_EXECUTION");
    assertEquals(await code(pair.a.open("b", "data", "one")), "BAD_BODY");
    assertEquals(await code(pair.a.open("b", "other", 1)), "UNSUPPORTED");
    assertEquals(await code(pair.a.open("c", "data", 1)), "SHARD_LOST");
  });

  test("more channels than the limit are refused, until one is closed", async () => {
    await using pair = await start({ channels: 2 });
    const channels = takeChannels(pair.b);
    const [first, second, third] = [1, 2, 3].map(() => pair.a.open("b", "data", null));
    assertEquals((await assertRejects(() => third.closed, PinionError)).code, "LIMIT_MESH");
    first.end();
    await waitUntil(() => channels.length === 2);
    await readAll(channels[0]);
    await first.closed;
    const fourth = pair.a.open("b", "data", null);
    await waitUntil(() => channels.length === 3);
    for (const channel of [second, fourth]) channel.end();
    await Promise.all([readAll(channels[1]), readAll(channels[2]), second.closed, fourth.closed]);
  });

  test("a message above the limit is refused, the channel goes on", async () => {
    await using pair = await start({ messageBytes: 1_000 });
    const channels = takeChannels(pair.b);
    const channel = pair.a.open("b", "data", null);
    assertThrows(() => channel.send(new Uint8Array(1_001)), PinionError, "at most 1000");
    channel.send(new Uint8Array(1_000));
    channel.end();
    await waitUntil(() => channels.length === 1);
    assertEquals((await readAll(channels[0])).map(({ byteLength }) => byteLength), [1_000]);
  });
}
