/**
 * Code starts no process, no thread and no native library, and cannot end or talk past its own.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import {
  assertRefused,
  type Attempts,
  errorOf,
  resultOf,
  securitySuite,
} from "./support/security_suite.ts";

const node = (name: string, use: string) =>
  `await (0, eval)('import("node:${name}")').then((node) => ${use})`;

const WAYS = {
  "Deno.Command": `new Deno.Command("id").outputSync()`,
  "Deno.dlopen": `Deno.dlopen("libc.so.6", {})`,
  "Deno.exit": "Deno.exit(1)",
  "process.exit": "process.exit(1)",
  "a subprocess of Node": node("child_process", `node.execSync("id").toString()`),
  "a cluster of Node": node("cluster", "node.default.fork()"),
  "a thread of Node": node("worker_threads", `new node.Worker("1", { eval: true })`),
  "a Worker of the web": `new Worker("data:text/javascript,1", { type: "module" })`,
  "a Worker of a Blob": `new Worker(URL.createObjectURL(new Blob(["1"])), { type: "module" })`,
  "the process of Node": node("process", "node.default.exit(1)"),
  "a virtual machine": node("vm", `node.runInNewContext("1")`),
  "flags of the engine": node("v8", `node.setFlagsFromString("--allow-natives-syntax")`),
  "an inspector": node("inspector", "node.open(0)"),
  "WASI": node("wasi", "new node.WASI({})"),
  "a database": node("sqlite", `new node.DatabaseSync("/tmp/x")`),
  "the terminal": node("tty", "node.isatty(1)"),
  "stdout of Node": node("fs", `node.writeSync(1, "out")`),
  "closing stderr": node("fs", "node.closeSync(2)"),
  "a signal": node("process", "node.default.kill(node.default.ppid)"),
  "the end of the worker": "close()",
};
const REFUSED = /is not defined|Cannot import "node:\w+"|not found/;

const ways: Attempts = Object.fromEntries(
  Object.entries(WAYS).map(([name, expression]) => [name, async (arena: Arena) => {
    assertMatch(errorOf(await arena.evaluate(`return ${expression};`)), REFUSED);
  }]),
);

securitySuite("processes and threads", {
  ...ways,
  "a false Deno for the modules of Node": async (arena) => {
    const fake = "globalThis.Deno = new Proxy(() => {}, { get: (target) => globalThis.Deno });";
    const answer = await arena.evaluate(fake + `return ${WAYS["the process of Node"]};`);
    assertMatch(errorOf(answer), REFUSED);
  },
  "an error that nobody catches": async (arena) => {
    const answer = await arena.evaluate(`
      setTimeout(() => { throw new Error("nobody"); });
      Promise.reject(new Error("nobody"));
      reportError(new Error("nobody"));
      await new Promise((resolve) => setTimeout(resolve, 50));
      return "alive";`);
    assertEquals(resultOf(answer), "alive");
    const warnings = arena.runtime.logs.filter((line) => /warning .*nobody/i.test(line));
    assertEquals(warnings.length >= 3, true, warnings.join("\n"));
  },
  "output that looks like the end of memory": async (arena) => {
    await arena.deploy(
      "liar",
      `export async function lie() { console.error("FATAL: heap limit, out of memory"); while (true) {} }`,
    );
    assertRefused(await arena.invoke("liar", "lie"), "LIMIT_TIME", /longer than 600 ms/);
  },
});
