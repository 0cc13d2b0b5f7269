/**
 * What is not ours reaches Redis and comes back as if there were nothing in between.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { startRuntime } from "../../support/start_runtime.ts";
import { bulk, encodeCommand, RawClient, until } from "./raw_client.ts";

/** Address of the Redis itself. */
function direct(runtime: { redis: { address: { host: string; port: number } } }) {
  const { host, port } = runtime.redis.address;
  return { hostname: host, port };
}

Deno.test("a pipeline gets the same bytes as from Redis itself", async () => {
  await using runtime = await startRuntime();
  const commands = [
    "PING\r\n",
    "\r\n",
    "*0\r\n",
    'set inline "two words"\r\n',
    encodeCommand("SET", "bytes", "\r\n*1\r\n$7\r\nRG.HELP\r\n"),
    encodeCommand("MGET", "inline", "bytes", "nothing"),
    encodeCommand("LPUSH", "list", "a", "b"),
    encodeCommand("INCR", "list"),
    encodeCommand("NOSUCH", "command"),
    encodeCommand("EVAL", "return {1, {ok='x'}, {err='E y'}, false}", "0"),
    encodeCommand("MULTI"),
    encodeCommand("INCR", "n"),
    encodeCommand("EXEC"),
    encodeCommand("HELLO", "3"),
    encodeCommand("HGETALL", "hash"),
    encodeCommand("CONFIG", "GET", "maxmemory"),
    encodeCommand("HELLO", "2", "SETNAME", "me"),
    encodeCommand("CLIENT", "GETNAME"),
    encodeCommand("SELECT", "3"),
    encodeCommand("DBSIZE"),
    encodeCommand("DEBUG", "JMAP"),
  ].join("").repeat(3) + encodeCommand("QUIT");
  const outcomes: string[] = [];
  for (const address of [direct(runtime), runtime.resp]) {
    using setup = await RawClient.connect(direct(runtime));
    await setup.ask("FLUSHALL");
    using client = await RawClient.connect(address);
    await client.send(commands);
    outcomes.push(
      (await client.rest()).replaceAll(/\r\nid\r\n:\d+/g, "").replaceAll(/\$2\r\nid\r\n:\d+/g, ""),
    );
  }
  assertEquals(outcomes[1], outcomes[0]);
  assert(outcomes[0].length > 1000);
});

Deno.test("values larger than every buffer pass in both directions", async () => {
  await using runtime = await startRuntime();
  using client = await RawClient.connect(runtime.resp);
  const value = new Uint8Array(20_000_000);
  for (let i = 0; i < value.length; i++) value[i] = 97 + (i * 7 + (i >> 12)) % 26;
  await client.send(`*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$${value.length}\r\n`);
  await client.send(value);
  await client.send("\r\n");
  assertEquals(await client.frame(), "+OK\r\n");
  assertEquals(await client.ask("GET", "big"), bulk(new TextDecoder().decode(value)));
});

Deno.test("a client that does not read holds Redis back, not the runtime's memory", async () => {
  await using runtime = await startRuntime();
  using control = await RawClient.connect(direct(runtime));
  using client = await RawClient.connect(runtime.resp);
  await control.ask("SET", "value", "x".repeat(1_000_000));
  await client.ask("CLIENT", "SETNAME", "slow");
  const count = 100;
  await client.send(encodeCommand("GET", "value").repeat(count));
  await until(async () => {
    const line = (await control.ask("CLIENT", "LIST")).split("\n").find((text) =>
      text.includes("name=slow")
    );
    return Number(/ omem=(\d+)/.exec(line ?? "")?.[1]) > 50_000_000;
  });
  for (let i = 0; i < count; i++) assertEquals((await client.frame()).length, 1_000_012);
});

Deno.test("a blocked client is unblocked by another, and gone from Redis when it leaves", async () => {
  await using runtime = await startRuntime();
  using control = await RawClient.connect(direct(runtime));
  const clients = async () =>
    (await control.ask("CLIENT", "LIST")).match(/cmd=blpop/g)?.length ?? 0;
  {
    using client = await RawClient.connect(runtime.resp);
    await client.command("BLPOP", "queue", "0");
    await until(async () => await clients() === 1);
    await control.ask("RPUSH", "queue", "job");
    assertEquals(await client.frame(), `*2\r\n${bulk("queue")}${bulk("job")}`);
    await client.command("BLPOP", "queue", "0");
    await until(async () => await clients() === 1);
  }
  await until(async () => await clients() === 0);
});

Deno.test("WATCH sees the writes of others", async () => {
  await using runtime = await startRuntime();
  using control = await RawClient.connect(direct(runtime));
  using client = await RawClient.connect(runtime.resp);
  assertEquals(await client.ask("WATCH", "k"), "+OK\r\n");
  await control.ask("SET", "k", "1");
  await client.send(encodeCommand("MULTI") + encodeCommand("GET", "k") + encodeCommand("EXEC"));
  assertEquals(await client.frames(3), ["+OK\r\n", "+QUEUED\r\n", "*-1\r\n"]);
});

Deno.test("a RESP2 subscriber gets messages, and runs our commands after it unsubscribed", async () => {
  await using runtime = await startRuntime();
  using control = await RawClient.connect(direct(runtime));
  using client = await RawClient.connect(runtime.resp);
  await client.command("SUBSCRIBE", "a", "b");
  assertEquals(await client.frames(2), [
    `*3\r\n${bulk("subscribe")}${bulk("a")}:1\r\n`,
    `*3\r\n${bulk("subscribe")}${bulk("b")}:2\r\n`,
  ]);
  await control.ask("PUBLISH", "a", "hello");
  assertEquals(await client.frame(), `*3\r\n${bulk("message")}${bulk("a")}${bulk("hello")}`);
  assertEquals(
    await client.ask("RG.DUMPEXECUTIONS"),
    "-ERR Can't execute 'rg.dumpexecutions': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / " +
      "QUIT / RESET are allowed in this context\r\n",
  );
  assertMatch(await client.ask("GET", "x"), /^-ERR Can't execute 'get'/);
  await client.command("UNSUBSCRIBE");
  await client.frames(2);
  await client.send(encodeCommand("GET", "x") + encodeCommand("RG.DUMPEXECUTIONS"));
  assertEquals(await client.frames(2), ["$-1\r\n", "*0\r\n"]);
});

Deno.test("a subscriber may reset its connection", async () => {
  await using runtime = await startRuntime();
  using client = await RawClient.connect(runtime.resp);
  await client.ask("SUBSCRIBE", "a");
  await client.send(encodeCommand("RESET") + encodeCommand("PING") + encodeCommand("RG.CONFIGGET"));
  assertEquals(await client.frames(3), ["+RESET\r\n", "+PONG\r\n", "*0\r\n"]);
});

Deno.test("a RESP3 subscriber runs our commands between its messages", async () => {
  await using runtime = await startRuntime();
  using control = await RawClient.connect(direct(runtime));
  using client = await RawClient.connect(runtime.resp);
  await client.ask("HELLO", "3");
  assertEquals(await client.ask("SUBSCRIBE", "a"), `>3\r\n${bulk("subscribe")}${bulk("a")}:1\r\n`);
  await control.ask("PUBLISH", "a", "one");
  await client.command("RG.CONFIGGET", "MaxExecutions");
  await client.command("GET", "x");
  const frames = await client.frames(3);
  assertEquals(frames.filter((frame) => !frame.startsWith(">")), ["*1\r\n:1000\r\n", "_\r\n"]);
  assertEquals(frames.filter((frame) => frame.startsWith(">")).length, 1);
  await client.send(encodeCommand("MULTI") + encodeCommand("GET", "x") + encodeCommand("EXEC"));
  assertEquals(await client.frames(3), ["+OK\r\n", "+QUEUED\r\n", "*1\r\n_\r\n"]);
});

Deno.test("MONITOR shows commands, and RESET ends it", async () => {
  await using runtime = await startRuntime();
  using control = await RawClient.connect(direct(runtime));
  using client = await RawClient.connect(runtime.resp);
  assertEquals(await client.ask("MONITOR"), "+OK\r\n");
  await control.ask("SET", "seen", "1");
  let line = "";
  while (!line.includes('"seen"')) line = await client.frame();
  assertMatch(line, /^\+\d+\.\d+ \[0 .*\] "SET" "seen" "1"\r\n$/);
  await client.command("RESET");
  while (line !== "+RESET\r\n") line = await client.frame();
  assertEquals(await client.ask("GET", "seen"), bulk("1"));
});

Deno.test("CLIENT REPLY holds for commands of both kinds", async () => {
  await using runtime = await startRuntime();
  using client = await RawClient.connect(runtime.resp);
  await client.send(
    encodeCommand("CLIENT", "REPLY", "SKIP") + encodeCommand("SET", "a", "1") +
      encodeCommand("GET", "a") +
      encodeCommand("CLIENT", "REPLY", "SKIP") + encodeCommand("RG.CONFIGGET") +
      encodeCommand("RG.CONFIGGET", "MaxExecutions") +
      encodeCommand("CLIENT", "REPLY", "OFF") + encodeCommand("SET", "a", "2") +
      encodeCommand("RG.CONFIGGET") + encodeCommand("NOSUCH") +
      "*2\r\n$4\r\nPING\r\n$3\r\nabc\r\n" +
      encodeCommand("CLIENT", "REPLY", "ON") + encodeCommand("GET", "a"),
  );
  assertEquals(await client.frames(4), [bulk("1"), "*1\r\n:1000\r\n", "+OK\r\n", bulk("2")]);
  assertMatch(await client.ask("CLIENT", "REPLY", "NEVER"), /^-ERR syntax error/);
});

Deno.test("protocol errors are Redis' own, after the replies to what was before", async () => {
  await using runtime = await startRuntime();
  const cases = [
    ["*x\r\n", "invalid multibulk length"],
    ["*1\r\n+x\r\n", "expected '$', got '+'"],
    ["*2\r\n$3\r\nGET\r\n$-5\r\n", "invalid bulk length"],
    ['SET "a\r\n', "unbalanced quotes in request"],
    ["x".repeat(70_000), "too big inline request"],
  ];
  for (const [text, message] of cases) {
    using client = await RawClient.connect(runtime.resp);
    await client.send(encodeCommand("ECHO", "before") + text).catch(() => {});
    assertEquals(await client.rest(), `${bulk("before")}-ERR Protocol error: ${message}\r\n`);
  }
});

Deno.test("a web page that posts to the port is cut off before its body is read", async () => {
  await using runtime = await startRuntime();
  using client = await RawClient.connect(runtime.resp);
  await client.send(
    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\ncontent-type: text/plain\r\n\r\n" +
      "SET hacked 1\r\nRG.CONFIGSET hacked 1\r\n",
  ).catch(() => {});
  assertEquals(await client.rest(), "");
  using control = await RawClient.connect(direct(runtime));
  assertEquals(await control.ask("GET", "hacked"), "$-1\r\n");
  assertEquals(runtime.engine.config.get("hacked"), undefined);
});

Deno.test("a client that says it sends nothing more gets its replies", async () => {
  await using runtime = await startRuntime();
  using client = await RawClient.connect(runtime.resp);
  await client.send(encodeCommand("SET", "a", "1") + encodeCommand("GET", "a"));
  await client.closeWrite();
  assertEquals(await client.rest(), `+OK\r\n${bulk("1")}`);
});

Deno.test("redis-cli works, also with a script from its input", async () => {
  await using runtime = await startRuntime();
  const run = async (args: readonly string[], input = "") => {
    const child = new Deno.Command("redis-cli", {
      args: ["-p", String(runtime.resp.port), ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
    return new TextDecoder().decode((await child.output()).stdout);
  };
  assertEquals(await run(["SET", "text:1", "to be or not to be"]), "OK\n");
  const script = "GB().map((r) => r.value.split(' ').length).run('text:*')";
  assertEquals(await run(["-x", "RG.TSEXECUTE"], script), "6\n\n");
  assertEquals(await run(["-3", "RG.TSEXECUTE", script]), "6\n\n");
  assertStringIncludes(await run(["RG.HELP"]), "RG.TSEXECUTE <source>");
  assertEquals(await run([], "MULTI\nSET a 1\nEXEC\nGET a\n"), "OK\nQUEUED\nOK\n1\n");
});
