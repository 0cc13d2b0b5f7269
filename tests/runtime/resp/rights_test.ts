/**
 * Commands of ours give a client no rights that Redis does not give it.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { startRuntime } from "../../support/start_runtime.ts";
import { encodeCommand, RawClient, until } from "./raw_client.ts";

async function start() {
  await using stack = new AsyncDisposableStack();
  const runtime = stack.use(await startRuntime());
  const { host, port } = runtime.redis.address;
  const admin = stack.use(await RawClient.connect({ hostname: host, port }));
  const client = stack.use(await RawClient.connect(runtime.resp));
  const owned = stack.move();
  return { runtime, admin, client, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const COUNT = "GB('ShardsIDReader').count().run()";
const NO_AUTH = "-NOAUTH Authentication required.\r\n";

Deno.test("without the password nothing of ours is answered, with it all is", async () => {
  await using env = await start();
  await env.admin.ask("CONFIG", "SET", "requirepass", "secret");
  assertEquals(await env.client.ask("RG.TSEXECUTE", COUNT), NO_AUTH);
  assertEquals(await env.client.ask("RG.DUMPEXECUTIONS"), NO_AUTH);
  assertEquals(await env.client.ask("RG.CONFIGSET", "MaxExecutions", "1"), NO_AUTH);
  assertMatch(await env.client.ask("RG.HELP"), /^\*/);
  assertMatch(await env.client.ask("AUTH", "wrong"), /^-WRONGPASS/);
  assertEquals(await env.client.ask("RG.DUMPEXECUTIONS"), NO_AUTH);
  await env.client.send(encodeCommand("AUTH", "secret") + encodeCommand("RG.DUMPEXECUTIONS"));
  assertEquals(await env.client.frames(2), ["+OK\r\n", "*0\r\n"]);
});

Deno.test("who may not run scripts in Redis may not run ours", async () => {
  await using env = await start();
  await env.admin.ask("ACL", "SETUSER", "reader", "on", ">pw", "~*", "+@all", "-@scripting");
  assertEquals(await env.client.ask("RG.DUMPEXECUTIONS"), "*0\r\n");
  await env.client.send(
    encodeCommand("AUTH", "reader", "pw") + encodeCommand("RG.TSEXECUTE", COUNT),
  );
  const [ok, refusal] = await env.client.frames(2);
  assertEquals(ok, "+OK\r\n");
  assertMatch(refusal, /^-NOPERM .*eval/);
  assertEquals(await env.client.ask("PING"), "+PONG\r\n");
  await env.client.send(encodeCommand("RESET") + encodeCommand("RG.DUMPEXECUTIONS"));
  assertEquals(await env.client.frames(2), ["+RESET\r\n", "*0\r\n"]);
});

Deno.test("a right that is taken away is gone within a second", async () => {
  await using env = await start();
  await env.admin.ask("ACL", "SETUSER", "worker", "on", ">pw", "~*", "+@all");
  await env.client.ask("AUTH", "worker", "pw");
  assertEquals(await env.client.ask("RG.DUMPEXECUTIONS"), "*0\r\n");
  await env.admin.ask("ACL", "SETUSER", "worker", "-eval");
  await until(async () => /^-NOPERM/.test(await env.client.ask("RG.DUMPEXECUTIONS")));
});

Deno.test("HELLO with a password counts as AUTH does", async () => {
  await using env = await start();
  await env.admin.ask("CONFIG", "SET", "requirepass", "secret");
  await env.client.send(
    encodeCommand("RG.DUMPEXECUTIONS") + encodeCommand("HELLO", "3", "AUTH", "default", "secret") +
      encodeCommand("RG.DUMPEXECUTIONS"),
  );
  const [refused, hello, granted] = await env.client.frames(3);
  assertEquals(refused, NO_AUTH);
  assertMatch(hello, /^%/);
  assertEquals(granted, "*0\r\n");
});

Deno.test("a long script is not kept for a client without rights", async () => {
  await using env = await start();
  await env.admin.ask("CONFIG", "SET", "requirepass", "secret");
  const script = `1;${" ".repeat(1_000_000)}`;
  assertEquals(await env.client.ask("RG.TSEXECUTE", script), NO_AUTH);
  await env.client.ask("AUTH", "secret");
  await env.client.send(encodeCommand("MULTI") + encodeCommand("RG.TSEXECUTE", script));
  const [, refusal] = await env.client.frames(2);
  assertMatch(refusal, /^-Can not run gears inside a multi exec/);
  assertMatch(await env.client.ask("EXEC"), /^-EXECABORT/);
});
