/**
 * Commands that would harm the connection: refused with the reason, and where code goes around
 * that, its own session is harmed and no other.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import { errorOf, resultOf, securitySuite } from "./support/security_suite.ts";

const COMMANDS = [
  ["SUBSCRIBE", "news"],
  ["PSUBSCRIBE", "*"],
  ["SSUBSCRIBE", "news"],
  ["MONITOR"],
  ["SYNC"],
  ["PSYNC", "?", "-1"],
  ["CLIENT", "REPLY", "OFF"],
  ["client", "reply", "skip"],
  ["CLIENT", "PAUSE", "10000"],
  ["CLIENT", "TRACKING", "ON"],
  ["CLIENT", "SETNAME", "pinion-control"],
  ["MULTI"],
  ["EXEC"],
  ["WATCH", "key"],
  ["SELECT", "1"],
  ["HELLO", "3"],
  ["AUTH", "default", "x"],
  ["RESET"],
  ["QUIT"],
  ["BLPOP", "queue", "0"],
  ["BZPOPMIN", "queue", "0"],
  ["BLMOVE", "a", "b", "LEFT", "LEFT", "0"],
  ["WAIT", "1", "0"],
  ["XREAD", "BLOCK", "0", "STREAMS", "stream", "$"],
  ["XREADGROUP", "GROUP", "STREAMS", "me", "block", "0", "STREAMS", "stream", ">"],
];

/** Each as text, as bytes, and in a transaction. */
const TRY_ALL = `
  const outcomes = [];
  for (const [name, ...args] of ${JSON.stringify(COMMANDS)}) {
    const bytes = args.map((arg) => new TextEncoder().encode(arg));
    const calls = [
      () => execute(name, ...args),
      () => execute(name, ...bytes),
      () => atomic((tx) => tx.execute(name, ...args)),
    ];
    for (const call of calls) {
      outcomes.push(await call().then(() => name + " was run", ({ message }) => message));
    }
  }
  return [outcomes, await execute("PING")];`;

/** Writes raw bytes to the session's connection: it changes what is about to be sent. */
const RAW = `
  const iterate = Array.prototype[Symbol.iterator];
  let bytes = null;
  Array.prototype[Symbol.iterator] = function () {
    if (bytes !== null && this.length === 1 && this[0] instanceof ArrayBuffer) {
      const target = new Uint8Array(this[0]);
      if (target.length >= bytes.length) { target.fill(10); target.set(bytes); bytes = null; }
    }
    return iterate.call(this);
  };
  const writeRaw = (text) => {
    bytes = new TextEncoder().encode(text);
    return execute("ECHO", "x".repeat(100));
  };`;

function harmItself(text: string) {
  return async (arena: Arena) => {
    const answer = await arena.evaluate(`${RAW}
      const reply = await Promise.race([
        writeRaw(${JSON.stringify(text)}).then(String, String),
        new Promise((resolve) => setTimeout(resolve, 200, "nothing")),
      ]);
      return [reply, bytes === null];`);
    // The session may have broken itself; that it did send the bytes is all that counts.
    if (answer.status === 200) assertEquals((resultOf(answer) as [string, boolean])[1], true);
    assertEquals(resultOf(await arena.evaluate(`return await execute("ECHO", "whole");`)), "whole");
  };
}

securitySuite("commands that harm a connection", {
  "are refused with the reason": async (arena) => {
    const [outcomes, pong] = resultOf(await arena.evaluate(TRY_ALL)) as [string[], string];
    assertEquals(outcomes.length, COMMANDS.length * 3);
    for (const outcome of outcomes) assertMatch(outcome, /^Cannot execute \w+: /);
    assertEquals(pong, "PONG");
  },
  "MONITOR, written raw": harmItself("MONITOR\r\n"),
  "SUBSCRIBE, written raw": harmItself("SUBSCRIBE news\r\n"),
  "MULTI left open, written raw": harmItself("MULTI\r\n"),
  "CLIENT REPLY OFF, written raw": harmItself("CLIENT REPLY OFF\r\n"),
  "BLPOP for ever, written raw": harmItself("BLPOP queue 0\r\n"),
  "half a command, written raw": harmItself("*2\r\n$4\r\nECHO\r\n$1000000\r\n"),
  "no protocol at all": harmItself("*-5\r\n$-7\r\n!!\r\n"),
  "a connection that the code closes for itself": async (arena) => {
    const answer = await arena.evaluate(`
      const id = await execute("CLIENT", "ID");
      const killed = await execute("CLIENT", "KILL", "ID", id).catch(({ message }) => message);
      return [String(killed), await execute("PING").catch(() => execute("PING"))];`);
    assertEquals((resultOf(answer) as string[])[1], "PONG");
  },
  "an atomic block that never ends": async (arena) => {
    await arena.deploy(
      "blocked",
      `import { atomic, execute } from "pinion";
       export const hold = () => atomic(["key"], () => new Promise(() => {}));
       export const fine = () => execute("PING");`,
    );
    const [held, fine] = await Promise.all([
      arena.invoke("blocked", "hold"),
      arena.invoke("blocked", "fine"),
    ]);
    assertEquals([held.body.code, fine.body], ["LIMIT_TIME", "PONG"]);
  },
  "a reader of a key without end": async (arena) => {
    const answer = await arena.evaluate("await execute('NO-SUCH-COMMAND');");
    assertMatch(errorOf(answer), /^ERR unknown command 'NO-SUCH-COMMAND'/);
  },
}, { limits: { executionTimeoutMs: 700 } });
