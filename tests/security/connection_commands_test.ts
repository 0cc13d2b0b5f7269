/**
 * Commands that would harm the connection: refused with the reason, and where code goes around that,
 * its own session is harmed and no other.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import { type Attempts, errorOf, resultOf, securitySuite } from "./support/security_suite.ts";

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

const refusals: Attempts = Object.fromEntries(COMMANDS.map((command) => [
  command.join(" "),
  async (arena: Arena) => {
    const [name, ...args] = command.map((word) => JSON.stringify(word));
    const asBytes = args.map((arg) => `new TextEncoder().encode(${arg})`);
    const answer = await arena.evaluate(`
      const reasons = [];
      const note = (error) => reasons.push(error.message);
      await execute(${[name, ...args]}).catch(note);
      await execute(${[name, ...asBytes]}).catch(note);
      await atomic((tx) => tx.execute(${[name, ...args]})).catch(note);
      return [reasons, await execute("PING")];`);
    const [reasons, pong] = resultOf(answer) as [string[], string];
    assertEquals(reasons.length, 3);
    for (const reason of reasons) assertMatch(reason, /^Cannot execute \w+: /);
    assertEquals(pong, "PONG");
  },
]));

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
  ...refusals,
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
