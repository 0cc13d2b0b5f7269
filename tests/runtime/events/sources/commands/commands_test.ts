/**
 * Registrations on commands, over RESP and HTTP.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { RespDecoder, RespError, type RespValue } from "../../../../../redis/resp_decoder.ts";
import { RawClient } from "../../../resp/raw_client.ts";
import { startRuntime } from "../../../../support/start_runtime.ts";
import { waitUntil } from "../../../../support/wait_until.ts";

async function start() {
  await using stack = new AsyncDisposableStack();
  const runtime = stack.use(await startRuntime());
  const clients = stack.adopt(new DisposableStack(), (all) => all.dispose());
  const connect = async () => {
    const client = clients.use(await RawClient.connect(runtime.resp));
    return async (...args: readonly string[]): Promise<RespValue> =>
      new RespDecoder(new TextEncoder().encode(await client.ask(...args))).next();
  };
  const ask = await connect();
  const owned = stack.move();
  return {
    runtime,
    connect,
    ask,
    register: async (source: string) => assertEquals(await ask("RG.TSEXECUTE", source), "OK"),
    figures: () => runtime.engine.listRegistrations()[0],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function textOf(reply: RespValue): string {
  assert(reply instanceof RespError, String(reply));
  return reply.message;
}

Deno.test("RG.TRIGGER runs what is registered, with the command as its record", async () => {
  await using test = await start();
  await test.register(`
    GB("CommandReader").map((args) => args.join("|")).register({ trigger: "join" });
    GB("CommandReader").flatMap((args) => args).filter((arg) => arg !== "no")
      .register({ trigger: "each", mode: "async_local" });
    GB("CommandReader").map(([, n]) => Number(n)).register({ trigger: "n", convertToStr: false });
    GB("CommandReader").flatMap(([, ...args]) => args).count().register({ trigger: "count" });
  `);
  assertEquals(await test.ask("RG.TRIGGER", "join", "a", "", "é"), ["join|a||é"]);
  assertEquals(await test.ask("RG.TRIGGERONKEY", "join", "key", "1"), ["join|key|1"]);
  assertEquals(await test.ask("rg.trigger", "each", "yes", "no"), ["each", "yes"]);
  assertEquals(await test.ask("RG.TRIGGER", "n", "41"), [41]);
  assertEquals(await test.ask("RG.TRIGGER", "count", "a", "b", "c"), ["3"]);
});

Deno.test("arguments that are no UTF-8 reach the function as bytes", async () => {
  await using test = await start();
  await test.register(`GB("CommandReader").map(([, a, b]) => [typeof a, b.length, b[0]].join())
    .register({ trigger: "bytes" });`);
  using client = await RawClient.connect(test.runtime.resp);
  const head = "*4\r\n$10\r\nRG.TRIGGER\r\n$5\r\nbytes\r\n$2\r\n\u0000x\r\n$2\r\n";
  const tail = new TextEncoder().encode("\r\n");
  const bytes = [...new TextEncoder().encode(head), 0xff, 0x00, ...tail];
  await client.send(Uint8Array.from(bytes));
  assertEquals(await client.frame(), "*1\r\n$12\r\nstring,2,255\r\n");
});

Deno.test("errors of RG.TRIGGER: unknown, thrown, in a transaction", async () => {
  await using test = await start();
  await test.register(`
    GB("CommandReader").flatMap(([, ...args]) => args)
      .map((arg) => { if (arg !== "fine") flatError("refused " + arg); return arg; })
      .register({ trigger: "fails" });
    GB("CommandReader").map(() => { throw new Error("thrown"); }).register({ trigger: "throws" });
  `);
  assertEquals(textOf(await test.ask("RG.TRIGGER", "none")), "ERR subcommand not found");
  assertEquals(textOf(await test.ask("RG.TRIGGER", "Fails")), "ERR subcommand not found");
  assertEquals(textOf(await test.ask("RG.TRIGGER", "fails", "fine", "a", "b")), "refused a");
  assertMatch(textOf(await test.ask("RG.TRIGGER", "throws")), /thrown.*script\.ts:5/);
  assertMatch(textOf(await test.ask("RG.TRIGGER")), /wrong number of arguments/);
  assertMatch(textOf(await test.ask("RG.TRIGGERONKEY", "fails")), /wrong number of arguments/);
  await test.ask("MULTI");
  assertEquals(
    textOf(await test.ask("RG.TRIGGER", "fails")),
    "ERR can not run a non-sync execution inside a MULTI/LUA (blocking is not allowed) or on " +
      "loading.",
  );
  assertMatch(textOf(await test.ask("EXEC")), /EXECABORT/);
});

Deno.test("a trigger belongs to one registration, which an upgrade may replace", async () => {
  await using test = await start();
  const source = (text: string) =>
    `GB("CommandReader").map(() => "${text}").register({ trigger: "t" });`;
  assertEquals(await test.ask("RG.TSEXECUTE", source("old"), "ID", "a"), "OK");
  assertMatch(textOf(await test.ask("RG.TSEXECUTE", source("x"))), /trigger already registered/);
  assertMatch(
    textOf(await test.ask("RG.TSEXECUTE", source("x") + source("y"), "ID", "b")),
    /trigger already registered/,
  );
  assertMatch(
    textOf(
      await test.ask(
        "RG.TSEXECUTE",
        (source("x") + source("y")).replaceAll('"t"', '"s"'),
        "ID",
        "b",
      ),
    ),
    /trigger already registered in this session/,
  );
  assertEquals(await test.ask("RG.TRIGGER", "t"), ["old"]);
  assertEquals(await test.ask("RG.TSEXECUTE", source("new"), "ID", "a", "UPGRADE"), "OK");
  assertEquals(await test.ask("RG.TRIGGER", "t"), ["new"]);
  assertEquals(
    await test.ask("RG.TSEXECUTE", source("third"), "ID", "c", "REPLACE_WITH", "a"),
    "OK",
  );
  assertEquals(await test.ask("RG.TRIGGER", "t"), ["third"]);
});

/** Notes when it begins and ends; waits until the key `go` is there. */
const SLOW = `async ([, name]) => {
  await execute("RPUSH", "log", "+" + name);
  while (await execute("EXISTS", "go") === 0) await new Promise((end) => setTimeout(end, 2));
  await execute("RPUSH", "log", "-" + name);
}`;

Deno.test("calls run side by side, or one after the other in order", async () => {
  await using test = await start();
  await test.register(`
    GB("CommandReader").map(${SLOW}).register({ trigger: "parallel" });
    GB("CommandReader").map(${SLOW}).register({ trigger: "inorder", inorder: true });
    GB("CommandReader").map(${SLOW}).register({ trigger: "sync", mode: "sync" });
  `);
  const clients = await Promise.all([test.connect(), test.connect(), test.connect()]);
  const log = () => test.ask("LRANGE", "log", "0", "-1") as Promise<string[]>;
  const cases: [string, string[]][] = [
    ["parallel", ["+a", "+b", "+c"]],
    ["inorder", ["+a"]],
    ["sync", ["+a"]],
  ];
  for (const [trigger, begun] of cases) {
    await test.ask("DEL", "log", "go");
    const replies: Promise<RespValue>[] = [];
    for (const [index, name] of ["a", "b", "c"].entries()) {
      replies.push(clients[index]("RG.TRIGGER", trigger, name));
      const triggered = 1 + index;
      await waitUntil(() => {
        const info = test.runtime.engine.listRegistrations()
          .find(({ trigger: spec }) => "trigger" in spec && spec.trigger === trigger)!;
        return info.numTriggered + (info.backlog ?? 0) === triggered;
      });
    }
    await waitUntil(async () => (await log()).length === begun.length);
    assertEquals(await log(), begun);
    await test.ask("SET", "go", "1");
    await Promise.all(replies);
    if (begun.length === 1) assertEquals(await log(), ["+a", "-a", "+b", "-b", "+c", "-c"]);
  }
});

Deno.test("a call whose client has left goes on, and keeps its place", async () => {
  await using test = await start();
  await test.register(
    `GB("CommandReader").map(${SLOW}).register({ trigger: "slow", inorder: true });`,
  );
  {
    using leaving = await RawClient.connect(test.runtime.resp);
    await leaving.command("RG.TRIGGER", "slow", "left");
    await waitUntil(async () => await test.ask("EXISTS", "log") === 1);
  }
  const reply = (await test.connect())("RG.TRIGGER", "slow", "stays");
  await waitUntil(() => test.figures().backlog === 1);
  assertEquals(await test.ask("LRANGE", "log", "0", "-1"), ["+left"]);
  await test.ask("SET", "go", "1");
  await reply;
  assertEquals(await test.ask("LRANGE", "log", "0", "-1"), ["+left", "-left", "+stays", "-stays"]);
});

Deno.test("calls are counted; an execution of them is not listed", async () => {
  await using test = await start();
  await test.register(`GB("CommandReader")
    .map(([, arg]) => { if (arg === "bad") flatError("bad"); return arg; })
    .register({ trigger: "t" });`);
  await test.ask("RG.TRIGGER", "t", "fine");
  await test.ask("RG.TRIGGER", "t", "fine");
  await test.ask("RG.TRIGGER", "t", "bad");
  const { numTriggered, numSuccess, numFailures, numAborted, lastError } = test.figures();
  assertEquals([numTriggered, numSuccess, numFailures, numAborted], [3, 2, 1, 0]);
  assertEquals(lastError, "bad");
  await test.ask("RG.TRIGGER", "t", "fine");
  assertEquals(test.figures().lastError, null);
  assertEquals(await test.ask("RG.DUMPEXECUTIONS"), []);
});

Deno.test("what a function did by commands that it did not wait for is done", async () => {
  await using test = await start();
  await test.register(`
    GB("CommandReader").forEach(([, key]) => { execute("INCR", key); }).register({ trigger: "t" });
    GB("CommandReader").forEach(async ([, key]) => {
      await execute("PING");
      execute("INCR", key);
    }).register({ trigger: "later" });
  `);
  for (let round = 1; round <= 20; round++) {
    await test.ask("RG.TRIGGER", round % 2 === 0 ? "t" : "later", "n");
    assertEquals(await test.ask("GET", "n"), String(round));
  }
});

Deno.test("the function dies: its callers hear why, and the next call finds a new isolate", async () => {
  await using test = await start();
  await test.register(`GB("CommandReader").map(([, arg]) => {
    if (arg === "die") while (true) [].concat(new Array(1e7).fill(1));
    return arg;
  }).register({ trigger: "t" });`);
  assertMatch(textOf(await test.ask("RG.TRIGGER", "t", "die")), /^(LIMIT|ISOLATE) /);
  assertEquals(test.figures().numAborted, 1);
  await waitUntil(async () => {
    const reply = await test.ask("RG.TRIGGER", "t", "fine");
    return Array.isArray(reply) && reply[0] === "fine";
  });
});

Deno.test("a paused trigger refuses calls until it is resumed; an unregistered one is unknown", async () => {
  await using test = await start();
  await test.register(`GB("CommandReader").map(() => "here").register({ trigger: "t" });`);
  const { id } = test.figures();
  await test.runtime.engine.pauseRegistrations([id], "pause");
  assertMatch(textOf(await test.ask("RG.TRIGGER", "t")), /^ERR Trigger "t" takes no calls now/);
  await test.runtime.engine.resumeRegistrations([id]);
  assertEquals(await test.ask("RG.TRIGGER", "t"), ["here"]);
  await test.runtime.engine.unregister(id, { abortPending: false });
  assertEquals(textOf(await test.ask("RG.TRIGGER", "t")), "ERR subcommand not found");
});

Deno.test("POST /v1/triggers runs a trigger, too", async () => {
  await using test = await start();
  await test.register(`
    GB("CommandReader").map((args) => args).register({ trigger: "a b", convertToStr: false });
    GB("CommandReader").map(() => flatError("no")).register({ trigger: "fails" });
  `);
  const post = async (path: string, body?: unknown) => {
    const response = await fetch(`${test.runtime.http}/v1/triggers/${path}`, {
      method: "POST",
      ...(body !== undefined && {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
    return { status: response.status, body: await response.json() };
  };
  assertEquals(await post("a%20b", ["x", 1, true]), {
    status: 200,
    body: { results: [["a b", "x", "1", "true"]], errors: [] },
  });
  assertEquals((await post("a%20b")).body.results, [["a b"]]);
  assertEquals((await post("a%20b?onKey=1", ["key"])).body.results, [["a b", "key"]]);
  assertEquals((await post("a%20b?onKey=1", [])).status, 400);
  assertEquals(await post("fails", []), { status: 200, body: { results: [], errors: ["no"] } });
  const unknown = await post("none", []);
  assertEquals([unknown.status, unknown.body.code], [404, "NO_TRIGGER"]);
  assertEquals((await post("fails", { a: 1 })).body.code, "BAD_BODY");
});
