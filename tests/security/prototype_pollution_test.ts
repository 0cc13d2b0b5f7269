/**
 * Code that breaks what its heap shares with the SDK harms its own session: it fails with an error
 * of the author's, or goes on, and the next session finds everything as ever.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { ERROR_KINDS, type ErrorCode } from "../../errors.ts";
import type { Arena } from "./support/arena.ts";
import { type Attempts, securitySuite } from "./support/security_suite.ts";

const THROW = `() => { throw new Error("polluted"); }`;
const ENDLESS = "function* () { while (true) yield 1; }";

/** Each runs before a script that uses all of the SDK. */
const POLLUTIONS = {
  "iteration that throws": `Array.prototype[Symbol.iterator] = ${THROW};`,
  "iteration without end": `Array.prototype[Symbol.iterator] = ${ENDLESS};`,
  "no iteration": "delete Array.prototype[Symbol.iterator]; delete Map.prototype[Symbol.iterator];",
  "arrays that do nothing":
    `for (const name of ["push", "map", "slice", "join", "shift", "splice", "concat"]) {
       Array.prototype[name] = () => {};
     }`,
  "promises that never settle": "Promise.prototype.then = () => new Promise(() => {});",
  "promises that throw":
    `Promise.prototype.then = ${THROW}; Promise.all = Promise.race = ${THROW};`,
  "no Promise": "globalThis.Promise = undefined;",
  "maps that lie":
    "Map.prototype.get = () => ({}); Map.prototype.set = () => {}; Map.prototype.has = () => true;",
  "sets that lie": "Set.prototype.has = () => true; Set.prototype.add = () => {};",
  "JSON that lies": `JSON.stringify = () => "{}"; JSON.parse = () => ({ type: "start" });`,
  "text that lies":
    `TextDecoder.prototype.decode = () => "lie"; TextEncoder.prototype.encode = () => new Uint8Array(9);`,
  "bytes that lie":
    `Uint8Array.prototype.set = () => {}; Uint8Array.prototype.subarray = () => new Uint8Array(1);
                     ArrayBuffer.prototype.slice = () => new ArrayBuffer(1);`,
  "strings that throw":
    `for (const name of ["replace", "split", "slice", "startsWith", "toUpperCase", "charCodeAt"]) {
       String.prototype[name] = ${THROW};
     }`,
  "functions that throw":
    `Function.prototype.call = Function.prototype.apply = Function.prototype.bind = ${THROW};`,
  "regular expressions that throw": `RegExp.prototype.exec = RegExp.prototype.test = ${THROW};`,
  "objects with a type":
    `Object.prototype.type = "loaded"; Object.prototype.error = { code: "INTERNAL" };`,
  "objects with traps": `
    for (const name of ["id", "body", "message", "then", "plan", "link", "toJSON"]) {
      Object.defineProperty(Object.prototype, name, { get: ${THROW}, set: ${THROW}, configurable: true });
    }`,
  "objects that cannot change": "Object.freeze(Object.prototype); Object.freeze(Array.prototype);",
  "errors that throw":
    `Error.prepareStackTrace = ${THROW}; Object.defineProperty(Error.prototype, "message", { get: ${THROW} });`,
  "no scheduling":
    "globalThis.queueMicrotask = globalThis.setTimeout = globalThis.setImmediate = () => {};",
  "events that throw":
    `EventTarget.prototype.dispatchEvent = ${THROW}; Object.defineProperty(MessageEvent.prototype, "data", { get: ${THROW} });`,
  "no reflection": "globalThis.Reflect = globalThis.Proxy = globalThis.Object = undefined;",
};

const EVERYTHING = `
  await execute("SET", "polluted:1", "a b a");
  await atomic((tx) => tx.execute("INCR", "polluted:count"));
  log("a line");
  GB().map((record) => record.value).flatMap((text) => text.split(" ")).countBy()
    .sort().run("polluted:1");`;
const COUNTS = [{ key: "a", value: 2 }, { key: "b", value: 1 }];

async function attempt(arena: Arena, pollution: string): Promise<void> {
  const { status, body, excerpt } = await arena.run(pollution + EVERYTHING);
  if (status !== 200) {
    const code = body.code as ErrorCode;
    assertEquals(ERROR_KINDS[code]?.fault, "author", excerpt);
  }
  const next = await arena.run(EVERYTHING);
  assertEquals([next.status, next.body.errors], [200, []], next.excerpt);
  const byKey = next.body.results.toSorted((a: { key: string }, b: { key: string }) =>
    a.key < b.key ? -1 : 1
  );
  assertEquals(byKey, COUNTS);
}

const scripts: Attempts = Object.fromEntries(
  Object.entries(POLLUTIONS).map((
    [name, pollution],
  ) => [name, (arena) => attempt(arena, pollution)]),
);

securitySuite("pollution of prototypes", {
  ...scripts,
  "in a library that is upgraded": async (arena) => {
    const pollute = `export async function pollute() { ${
      POLLUTIONS["maps that lie"]
    } return "done"; }`;
    await arena.deploy("pollute", pollute);
    const answer = await arena.invoke("pollute", "pollute");
    assert(answer.status === 200 || answer.body.code !== "INTERNAL", answer.excerpt);
    await arena.undeployAll();
    await arena.deploy(
      "pollute",
      "export const fine = async () => [...new Map([[1, 2]]).entries()];",
    );
    assertEquals((await arena.invoke("pollute", "fine")).body, [[1, 2]]);
  },
}, { limits: { executionTimeoutMs: 300 } });
