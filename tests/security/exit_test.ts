/**
 * Code does not end its process, nor its thread, nor can it lie about its end.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { expectMissing, node, NOT_THERE } from "./support/node_modules.ts";
import { assertRefused, errorOf, resultOf, securitySuite } from "./support/security_suite.ts";

const EXIT = node("process", "node.default.exit(1)");

securitySuite("ends of the process", {
  ...expectMissing({
    "Deno.exit": "Deno.exit(1)",
    "process.exit": "process.exit(1)",
    "the process of Node": EXIT,
    "a signal": node("process", "node.default.kill(node.default.ppid)"),
    "the end of the worker": "close()",
  }),
  "a false Deno for the modules of Node": async (arena) => {
    const fake = "globalThis.Deno = new Proxy(() => {}, { get: (target) => globalThis.Deno });";
    const answer = await arena.evaluate(fake + `return ${EXIT};`);
    assertMatch(errorOf(answer), NOT_THERE);
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
