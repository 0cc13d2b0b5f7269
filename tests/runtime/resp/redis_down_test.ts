/**
 * Redis goes away and comes back.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { startRuntime, type TestRuntime } from "../../support/start_runtime.ts";
import { encodeCommand, RawClient, until } from "./raw_client.ts";

/** Brings Redis back, so that the runtime stops in good order. */
async function revive(runtime: TestRuntime): Promise<void> {
  await runtime.redis.restart();
  await until(async () => (await runtime.engine.health()).redis === "up");
}

Deno.test("what was outstanding is answered with an error, and the connection is closed", async () => {
  await using runtime = await startRuntime();
  using blocked = await RawClient.connect(runtime.resp);
  using idle = await RawClient.connect(runtime.resp);
  await blocked.send(encodeCommand("PING") + encodeCommand("BLPOP", "queue", "0"));
  assertEquals(await blocked.frame(), "+PONG\r\n");
  assertEquals(await idle.ask("SELECT", "1"), "+OK\r\n");
  runtime.redis.kill("SIGKILL");
  assertMatch(await blocked.rest(), /^-REDISDOWN [^\r]+\r\n$/);
  assertEquals(await idle.rest(), "");
  await revive(runtime);
});

Deno.test("while Redis is down only what needs neither it nor rights is answered", async () => {
  await using runtime = await startRuntime();
  using known = await RawClient.connect(runtime.resp);
  assertEquals(await known.ask("RG.DUMPEXECUTIONS"), "*0\r\n");
  runtime.redis.kill("SIGKILL");
  using fresh = await RawClient.connect(runtime.resp);
  await until(async () => (await fresh.ask("RG.DUMPEXECUTIONS")).startsWith("-REDISDOWN "));
  assertMatch(await fresh.ask("RG.HELP"), /^\*/);
  assertMatch(await fresh.ask("RG.TSEXECUTE", "1"), /^-REDISDOWN /);
  // This one's rights were found before.
  assertEquals(await known.ask("RG.DUMPEXECUTIONS"), "*0\r\n");
  assertMatch(await known.ask("RG.TSEXECUTE", "GB().run()"), /^-REDISDOWN /);
  assertMatch(await fresh.ask("GET", "x"), /^-REDISDOWN /);
  assertEquals(await fresh.rest(), "");
  await revive(runtime);
});

Deno.test("everything works again when Redis is back", async () => {
  await using runtime = await startRuntime();
  using client = await RawClient.connect(runtime.resp);
  assertEquals(await client.ask("RG.DUMPEXECUTIONS"), "*0\r\n");
  runtime.redis.kill("SIGKILL");
  await until(async () => (await client.ask("RG.TSEXECUTE", "1")).startsWith("-REDISDOWN "));
  await runtime.redis.restart();
  await until(async () =>
    await client.ask("RG.TSEXECUTE", "GB('ShardsIDReader').count().run()") ===
      "*2\r\n*1\r\n$1\r\n1\r\n*0\r\n"
  );
  assertEquals(await client.ask("SET", "a", "1"), "+OK\r\n");
});
