import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { z } from "zod";
import { PinionError } from "../../../errors.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { PLACES } from "./mesh_pair.ts";

for (const [place, start] of Object.entries(PLACES)) {
  const test = (name: string, run: () => Promise<void>) => Deno.test(`${place}: ${name}`, run);

  test("a request is answered, whichever side asks", async () => {
    await using pair = await start();
    for (const [asking, answering] of [[pair.a, pair.b], [pair.b, pair.a]] as const) {
      answering.handle("add", z.array(z.int()), (from, numbers) => ({
        from,
        sum: numbers.reduce((sum, number) => sum + number, 0),
      }));
      assertEquals(await asking.request(answering.shardId, "add", [1, 2, 3]), {
        from: asking.shardId,
        sum: 6,
      });
    }
  });

  test("bodies keep their types", async () => {
    await using pair = await start();
    pair.b.handle("echo", z.unknown(), (_from, body) => body);
    const body = {
      map: new Map([["k", new Set([1n, 2n ** 70n])]]),
      date: new Date(1_000),
      bytes: new Uint8Array([1, 2, 3]),
      floats: new Float64Array([0.5]),
      nothing: [null, undefined],
      text: "ø\u{1F600}\0",
    };
    assertEquals(await pair.a.request("b", "echo", body), body);
  });

  test("a body of many frames arrives whole, and so does its answer", async () => {
    await using pair = await start();
    pair.b.handle("echo", z.string(), (_from, text) => text + text);
    const text = "0123456789".repeat(100_000);
    assertEquals(await pair.a.request("b", "echo", text) === text + text, true);
  });

  test("many requests at once are answered each with its own", async () => {
    await using pair = await start();
    pair.b.handle("late", z.int(), async (_from, number) => {
      await new Promise((resolve) => setTimeout(resolve, number % 7));
      return number;
    });
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    const answers = await Promise.all(numbers.map((number) => pair.a.request("b", "late", number)));
    assertEquals(answers, numbers);
  });

  test("errors come as they were thrown, strangers without a word of the host", async () => {
    await using pair = await start();
    pair.b.handle("fail", z.string(), (_from, text) => {
      if (text === "ours") throw new PinionError("BAD_PLAN", "The plan is bad");
      throw new Error("cannot open /secret/path");
    });
    const ours = await assertRejects(() => pair.a.request("b", "fail", "ours"), PinionError);
    assertEquals([ours.code, ours.message], ["BAD_PLAN", "The plan is bad"]);
    const other = await assertRejects(() => pair.a.request("b", "fail", "other"), PinionError);
    assertEquals(other.code, "INTERNAL");
    assertEquals(other.message.includes("secret"), false);
  });

  test("unknown kinds, bodies that do not fit and functions are refused", async () => {
    await using pair = await start();
    pair.b.handle("add", z.object({ count: z.int() }), () => null);
    const code = async (kind: string, body: unknown) =>
      (await assertRejects(() => pair.a.request("b", kind, body), PinionError)).code;
    assertEquals(await code("subtract", { count: 1 }), "UNSUPPORTED");
    assertEquals(await code("add", { count: "1" }), "BAD_BODY");
    await assertRejects(() => pair.a.request("b", "add", { count: () => 1 }), TypeError);
  });

  test("one handler may answer a kind", async () => {
    await using pair = await start();
    pair.b.handle("add", z.unknown(), () => null);
    assertThrows(() => pair.b.handle("add", z.unknown(), () => null), TypeError, "already");
  });

  test("who gives up aborts the handler", async () => {
    await using pair = await start();
    let reason: unknown;
    let isRunning = false;
    pair.b.handle("wait", z.null(), async (_from, _body, signal) => {
      isRunning = true;
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      reason = signal.reason;
    });
    const abort = new AbortController();
    const asked = pair.a.request("b", "wait", null, abort.signal);
    await waitUntil(() => isRunning);
    abort.abort(new Error("enough"));
    await assertRejects(() => asked, Error, "enough");
    await waitUntil(() => reason instanceof PinionError);
    await assertRejects(() => pair.a.request("b", "wait", null, abort.signal), Error, "enough");
  });

  test("more requests than the limit are refused, and none is left over", async () => {
    await using pair = await start({ requests: 2 });
    const release = Promise.withResolvers<void>();
    pair.b.handle("wait", z.int(), async (_from, number) => {
      await release.promise;
      return number;
    });
    const first = [pair.a.request("b", "wait", 1), pair.a.request("b", "wait", 2)];
    const third = await assertRejects(() => pair.a.request("b", "wait", 3), PinionError);
    assertEquals(third.code, "LIMIT_MESH");
    release.resolve();
    assertEquals(await Promise.all(first), [1, 2]);
    assertEquals(await pair.a.request("b", "wait", 4), 4);
  });

  test("a message above the limit is refused, the link stays", async () => {
    await using pair = await start({ messageBytes: 1_000 });
    pair.b.handle("text", z.string(), (_from, text) => text);
    pair.b.handle("long", z.int(), (_from, length) => "x".repeat(length));
    const code = async (kind: string, body: unknown) =>
      (await assertRejects(() => pair.a.request("b", kind, body), PinionError)).code;
    assertEquals(await code("text", "x".repeat(1_001)), "TOO_LARGE");
    assertEquals(await code("long", 1_001), "TOO_LARGE");
    assertEquals(await pair.a.request("b", "text", "short"), "short");
  });

  test("answers that wait to be sent are bounded", async () => {
    await using pair = await start({ controlBytes: 100_000, unacknowledgedBytes: 100_000 });
    pair.b.handle("long", z.null(), () => "x".repeat(90_000));
    const asked = Array.from({ length: 20 }, () => pair.a.request("b", "long", null));
    const outcomes = await Promise.allSettled(asked);
    const refused = outcomes.filter(({ status }) =>
      status === "rejected"
    ) as PromiseRejectedResult[];
    assertEquals(refused.every(({ reason }) => reason.code === "LIMIT_MESH"), true);
    assertEquals(refused.length > 0 && refused.length < asked.length, true);
    assertEquals((await pair.a.request("b", "long", null) as string).length, 90_000);
  });

  test("a shard that nobody acts for is lost from the start", async () => {
    await using pair = await start();
    for (const shardId of ["c", "a"]) {
      const error = await assertRejects(() => pair.a.request(shardId, "add", 1), PinionError);
      assertEquals(error.code, "SHARD_LOST");
      assertEquals(error.message.includes(`Shard ${shardId} `), true);
    }
  });

  test("a peer that stops fails what waits for it, at once", async () => {
    const pair = await start();
    let isRunning = false;
    let aborted: unknown;
    pair.b.handle("wait", z.null(), (_from, _body, signal) => {
      isRunning = true;
      return new Promise((resolve) =>
        signal.addEventListener("abort", () => resolve(aborted = signal.reason))
      );
    });
    const lost: string[] = [];
    pair.a.onPeerLost((shardId, { message }) => lost.push(`${shardId}: ${message}`));
    const asked = assertRejects(() => pair.a.request("b", "wait", null), PinionError);
    await waitUntil(() => isRunning);
    await pair.b[Symbol.asyncDispose]();
    assertEquals((await asked).code, "SHARD_LOST");
    assertEquals(lost, ["b: Shard b is lost: its runtime stopped"]);
    assertEquals((aborted as PinionError).code, "SHARD_LOST");
    assertEquals(pair.a.peers, []);
    await pair[Symbol.asyncDispose]();
  });
}
