import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { engineSuite } from "../support/engine_suite.ts";
import type { TestEngine } from "../support/start_engine.ts";

/** The results of an async function body, run as a callback. */
async function runBody(test: TestEngine, body: string): Promise<readonly unknown[]> {
  return await test.results(`GB("GeneratorReader").map(async () => { ${body} }).run(() => [0])`);
}

/** Commands that would harm the connection of a session, and why they are refused. */
const FORBIDDEN: readonly (readonly [call: string, reason: RegExp])[] = [
  [`"SUBSCRIBE", "c"`, /^Cannot execute SUBSCRIBE: a session receives no messages/],
  [`"monitor"`, /^Cannot execute monitor: a session receives no messages/],
  [`"BLPOP", "l", 0`, /^Cannot execute BLPOP: it would hold up every other command/],
  [`"WAIT", 1, 0`, /^Cannot execute WAIT: it would hold up every other command/],
  [`"XREAD", "block", 0, "STREAMS", "s", "$"`, /^Cannot execute XREAD: it would hold up/],
  [`"MULTI"`, /^Cannot execute MULTI: use atomic\(\)/],
  [`"Watch", "k"`, /^Cannot execute Watch: use atomic\(\)/],
  [`"SELECT", 1`, /^Cannot execute SELECT: the connection belongs to the session/],
  [`"AUTH", "x"`, /^Cannot execute AUTH: the connection belongs to the session/],
  [`"CLIENT", "reply", "OFF"`, /^Cannot execute CLIENT: the connection belongs to the session/],
];

engineSuite("conformance: execute", {
  "gives every kind of reply": async (test) => {
    await test.pipeline([["RPUSH", "l", "a", "b"], ["SET", "n", 5]]);
    const [replies] = await runBody(
      test,
      `return [
        await execute("PING"),
        await execute("GET", "n"),
        await execute("GET", "none"),
        await execute("INCR", "n"),
        await execute("LRANGE", "l", 0, -1),
        await execute("LRANGE", "none", 0, -1),
        await execute("EVAL", "return {1, {'two', false}, 9007199254740993}", 0),
        await execute("SET", "big", "9223372036854775806"),
        await execute("INCR", "big"),
        await execute("INCRBY", "n", -10),
      ];`,
    );
    assertEquals(replies, [
      "PONG",
      "5",
      null,
      6,
      ["a", "b"],
      [],
      [1, ["two", null], 9007199254740992n],
      "OK",
      9223372036854775807n,
      -4,
    ]);
  },

  "sends every kind of argument": async (test) => {
    await runBody(
      test,
      `await execute("RPUSH", "l", "text", "grün €", 1, -2.5, 1e21, 10n, true, "", "\\u0000",
        new Uint8Array([0xff, 0xfe]), "x".repeat(100000));`,
    );
    const list = await test.ask("LRANGE", "l", 0, -1) as unknown[];
    assertEquals(list.slice(0, -1), [
      "text",
      "grün €",
      "1",
      "-2.5",
      "1e+21",
      "10",
      "true",
      "",
      "\u0000",
      new Uint8Array([0xff, 0xfe]),
    ]);
    assertEquals(String(list.at(-1)).length, 100_000);
  },

  "gives bytes where they are no UTF-8": async (test) => {
    await test.ask("SET", "k", new Uint8Array([0xff, 0x00]));
    const [value] = await runBody(test, `return await execute("GET", "k");`);
    assertEquals(value, new Uint8Array([0xff, 0x00]));
  },

  "rejects with the text of Redis": async (test) => {
    await test.ask("SET", "text", "x");
    const [[caught]] = await runBody(
      test,
      `return [await execute("INCR", "text").catch((e) => [e.name, e.message, e instanceof Error])];`,
    ) as [[unknown]];
    assertEquals(caught, ["RedisError", "ERR value is not an integer or out of range", true]);
  },

  "refuses arguments that cannot be sent": async (test) => {
    for (const argument of ["null", "undefined", "{}", "[]", "Symbol()", "() => 1"]) {
      const { errors } = await test.run(
        `GB("GeneratorReader").map(async () => await execute("SET", "k", ${argument})).run(() => [0])`,
      );
      assertMatch(errors[0], /^Cannot encode a command: expected arguments.*\(script\.ts:1:\d+\)$/);
    }
    assertEquals(await test.ask("EXISTS", "k"), 0);
    assertEquals(await runBody(test, `return await execute("PING");`), ["PONG"]);
  },

  "refuses commands that would harm the connection, with the reason": async (test) => {
    for (const [call, reason] of FORBIDDEN) {
      const [message] = await runBody(
        test,
        `return await execute(${call}).catch((e) => e.message);`,
      );
      assertMatch(String(message), reason);
    }
    assertEquals(await runBody(test, `return await execute("XREAD", "STREAMS", "s", 0);`), [null]);
    assertEquals(await runBody(test, `return typeof await execute("CLIENT", "ID");`), ["number"]);
  },

  "fifty thousand commands at once keep their order": async (test) => {
    const started = performance.now();
    const [[length, sum]] = await runBody(
      test,
      `const replies = await Promise.all(Array.from({ length: 50000 }, (_, n) => execute("ECHO", n)));
       return [replies.length, replies.every((reply, n) => reply === String(n))];`,
    ) as [[number, boolean]];
    assertEquals([length, sum], [50_000, true]);
    assertLess(performance.now() - started, 10_000);
  },

  "more than a hundred thousand without a reply are refused": async (test) => {
    const [[message, sent]] = await runBody(
      test,
      `const replies = [];
       try { while (true) replies.push(execute("INCR", "n")); }
       catch (error) { return [error.message, (await Promise.all(replies)).at(-1)]; }`,
    ) as [[string, number]];
    assertEquals(
      message,
      "Cannot execute INCR: 100000 commands wait for their reply; await some first",
    );
    assertEquals(sent, 100_000);
    assertEquals(await test.ask("GET", "n"), "100000");
  },

  "commands that nobody awaits are done before the script is over": async (test) => {
    await test.engine.runScript(
      `for (let n = 0; n < 500; n++) execute("INCR", "script");
       (async () => { for (let n = 0; n < 50; n++) await execute("INCR", "chain"); })();`,
      {},
    );
    assertEquals(await test.ask("GET", "script"), "500");
    assertEquals(await test.ask("GET", "chain"), "50");
    await test.run(`GB("GeneratorReader").forEach((n) => {
        execute("INCR", "run");
        execute("INCR", "then").then(() => execute("INCR", "then"));
      }).run(function* () { for (let n = 0; n < 500; n++) yield n; })`);
    assertEquals(await test.ask("GET", "run"), "500");
    assertEquals(await test.ask("GET", "then"), "1000");
  },

  "a rejection that nobody awaits is logged": async (test) => {
    await test.ask("SET", "text", "x");
    const logs: string[] = [];
    await test.engine.runScript(`execute("INCR", "text");`, {
      onLog: ({ level, message }) => logs.push(`${level} ${message}`),
    });
    assertEquals(logs, [
      "warning A promise was rejected and nobody caught it: " +
      "ERR value is not an integer or out of range (script.ts:1:1)",
    ]);
  },
});
