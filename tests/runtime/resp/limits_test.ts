/**
 * What one client may hold is bounded.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { parseRedisUrl } from "../../../redis/redis_url.ts";
import { serveResp } from "../../../runtime/resp/server/serve_resp.ts";
import type { RespLimits } from "../../../runtime/resp/replies/resp_limits.ts";
import { startRuntime } from "../../support/start_runtime.ts";
import { encodeCommand, RawClient } from "./raw_client.ts";

/** A second adapter on a runtime's engine, with other limits. */
async function start(limits: Partial<RespLimits>) {
  await using stack = new AsyncDisposableStack();
  const runtime = stack.use(await startRuntime());
  const server = stack.use(serveResp({
    listen: { hostname: "127.0.0.1", port: 0 },
    engine: runtime.engine,
    redis: parseRedisUrl(runtime.redis.url),
    limits,
    log: () => {},
  }));
  const owned = stack.move();
  return { server, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

Deno.test("a script that is too long is refused, and the connection goes on", async () => {
  await using env = await start({ maxScriptBytes: 1000 });
  using client = await RawClient.connect(env.server.address);
  const longest = "1;".padEnd(1000, " ");
  assertEquals(await client.ask("RG.TSEXECUTE", longest), "+OK\r\n");
  assertMatch(
    await client.ask("RG.TSEXECUTE", longest + " "),
    /^-ERR Cannot read the command: expected at most 1000 bytes, got \d+\r\n$/,
  );
  await client.send(encodeCommand("RG.TSEXECUTE", "x".repeat(5_000_000)) + encodeCommand("PING"));
  assertMatch(await client.frame(), /^-ERR /);
  assertEquals(await client.frame(), "+PONG\r\n");
});

Deno.test("the number of clients is bounded", async () => {
  await using env = await start({ maxClients: 2 });
  using first = await RawClient.connect(env.server.address);
  assertEquals(await first.ask("PING"), "+PONG\r\n");
  {
    using second = await RawClient.connect(env.server.address);
    assertEquals(await second.ask("PING"), "+PONG\r\n");
    using third = await RawClient.connect(env.server.address);
    assertEquals(await third.rest(), "-ERR max number of clients reached\r\n");
  }
  assertEquals(await first.ask("PING"), "+PONG\r\n");
});

Deno.test("a client that leaves a command unfinished is closed, an idle one is not", async () => {
  await using env = await start({ maxStallMs: 200 });
  using idle = await RawClient.connect(env.server.address);
  assertEquals(await idle.ask("PING"), "+PONG\r\n");
  using half = await RawClient.connect(env.server.address);
  await half.send("*2\r\n$12\r\nRG.TSEXECUTE\r\n$100\r\nabc");
  assertEquals(await half.rest(), "");
  assertEquals(await idle.ask("PING"), "+PONG\r\n");
});

Deno.test("a client that does not take its reply is closed", async () => {
  await using env = await start({ maxStallMs: 200 });
  using client = await RawClient.connect(env.server.address);
  await client.send(encodeCommand("EVAL", "return string.rep('x', 50000000)", "0"));
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    if (env.server.clients === 0) resolve();
  }, 20);
  await promise;
  clearInterval(timer);
});

Deno.test("an idle client is closed where that is asked for, a blocked one is not", async () => {
  await using env = await start({ maxIdleMs: 200 });
  using blocked = await RawClient.connect(env.server.address);
  await blocked.command("BLPOP", "queue", "0");
  using idle = await RawClient.connect(env.server.address);
  assertEquals(await idle.ask("PING"), "+PONG\r\n");
  assertEquals(await idle.rest(), "");
  using other = await RawClient.connect(env.server.address);
  assertEquals(await other.ask("RPUSH", "queue", "x"), ":1\r\n");
  assertMatch(await blocked.frame(), /^\*2/);
});
