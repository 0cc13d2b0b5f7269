/**
 * What user code finds: nothing of the process, of other threads or of other sessions.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { assertRefused, errorOf, resultOf, securitySuite } from "./support/security_suite.ts";

const GONE = [
  "Deno",
  "process",
  "Buffer",
  "require",
  "Worker",
  "SharedWorker",
  "BroadcastChannel",
  "caches",
  "CacheStorage",
  "localStorage",
  "sessionStorage",
  "indexedDB",
  "WebSocket",
  "WebSocketStream",
  "EventSource",
  "XMLHttpRequest",
  "importScripts",
  "postMessage",
  "onmessage",
  "close",
  "prompt",
  "confirm",
  "alert",
];

/**
 * All functions of a name that can be reached from the global object, by properties and prototypes.
 */
const FIND = `
  const find = (wanted) => {
    const seen = new Set(), found = [], queue = [["globalThis", globalThis]];
    while (queue.length > 0) {
      const [path, value] = queue.shift();
      if ((typeof value !== "object" && typeof value !== "function") || value === null) continue;
      if (seen.has(value)) continue;
      seen.add(value);
      queue.push([path + ".__proto__", Object.getPrototypeOf(value)]);
      for (const key of Reflect.ownKeys(value)) {
        const { value: inner, get } = Object.getOwnPropertyDescriptor(value, key);
        const place = path + "." + String(key);
        if (typeof inner === "function" && wanted.test(String(key) + " " + inner.name)) found.push(place);
        queue.push([place, inner], [place + "(get)", get]);
      }
    }
    return found;
  };`;

securitySuite("globals", {
  "nothing of the process or of other threads": async (arena) => {
    const answer = await arena.evaluate(
      `return ${JSON.stringify(GONE)}.filter((name) =>
         name in globalThis || (0, eval)("typeof " + name) !== "undefined");`,
    );
    assertEquals(resultOf(answer), []);
    assertRefused(
      await arena.run(`Deno.readTextFileSync("/etc/hosts");`),
      "SCRIPT_FAILED",
      /^ReferenceError: Deno is not defined: functions run in a sandbox, with the SDK and/,
    );
  },
  "no way to post a message but a channel of one's own": async (arena) => {
    const answer = await arena.evaluate(`${FIND} return find(/postMessage/i);`);
    assertEquals(resultOf(answer), ["globalThis.MessagePort.prototype.postMessage"]);
  },
  "no way to a hidden Deno": async (arena) => {
    const answer = await arena.evaluate(
      `${FIND} return find(/^(core|ops?|internal|bootstrap|__bootstrap|open(Sync)?|spawn|Command|dlopen|exit|kill)\\b/i);`,
    );
    assertEquals(resultOf(answer), []);
  },
  "a graphics card": async (arena) => {
    assertEquals(resultOf(await arena.evaluate("return typeof navigator.gpu;")), "undefined");
  },
  "memory that is shared stays in its session": async (arena) => {
    await arena.run("globalThis.shared = new SharedArrayBuffer(8); globalThis.name = 'taken';");
    const answer = await arena.evaluate("return [typeof shared, globalThis.name];");
    assertEquals(resultOf(answer), ["undefined", ""]);
  },
  "a lock is held in its session only": async (arena) => {
    const code = `
      return await navigator.locks.request("x", { ifAvailable: true }, async (lock) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        return lock !== null;
      });`;
    const answers = await Promise.all([arena.evaluate(code), arena.evaluate(code)]);
    assertEquals(answers.map(resultOf), [true, true]);
  },
  "a message that the code sends itself": async (arena) => {
    const answer = await arena.evaluate(`
      dispatchEvent(new MessageEvent("message", { data: { type: "launch" } }));
      dispatchEvent(new MessageEvent("message", { data: null }));
      return "alive";`);
    if (answer.status === 200 && answer.body.errors.length === 0) {
      assertEquals(resultOf(answer), "alive");
    } else errorOf(answer);
  },
});
