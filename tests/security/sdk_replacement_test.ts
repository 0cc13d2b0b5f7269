/**
 * Code that replaces what the SDK gives it replaces it for itself only.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { assertRefused, resultOf, securitySuite } from "./support/security_suite.ts";

const NAMES = ["GB", "GearsBuilder", "execute", "atomic", "log", "env", "configGet", "hashtag"];

securitySuite("replaced parts of the SDK", {
  "its globals": async (arena) => {
    const answer = await arena.run(
      `const { GB: Builder } = globalThis;
       for (const name of ${JSON.stringify(NAMES)}) globalThis[name] = () => "replaced";
       Builder("ShardsIDReader").map(() => log("x")).run();`,
    );
    assertEquals(resultOf(answer), "replaced");
    assertEquals(
      resultOf(await arena.evaluate("return typeof execute + typeof env;")),
      "functionobject",
    );
  },
  "the exports of its module": async (arena) => {
    const answer = await arena.run(
      `import * as sdk from "pinion"; sdk.execute = () => "replaced";`,
    );
    assertRefused(
      answer,
      "SCRIPT_FAILED",
      /^TypeError: Cannot assign to property 'execute'/,
    );
  },
  "the methods of its builder": async (arena) => {
    const answer = await arena.run(
      `GearsBuilder.prototype.map = function () { return this; };
       GB("ShardsIDReader").map(() => "not called").run();`,
    );
    assertEquals(resultOf(answer), "1");
    const next = await arena.evaluate(`return "called";`);
    assertEquals(resultOf(next), "called");
  },
  "the environment": async (arena) => {
    await arena.deploy(
      "settings",
      `import { env } from "pinion";
       export async function change(_input, context) {
         const failures = [];
         for (const target of [env, context.env]) {
           try { target.MODE = "changed"; } catch (error) { failures.push(error.name); }
         }
         return [failures, env.MODE, context.env.MODE];
       }`,
      { env: { MODE: "as deployed" } },
    );
    const expected = [["TypeError", "TypeError"], "as deployed", "as deployed"];
    assertEquals((await arena.invoke("settings", "change")).body, expected);
    assertEquals((await arena.invoke("settings", "change")).body, expected);
  },
  "the name that hands it over": async (arena) => {
    const answer = await arena.evaluate(
      "return [typeof __pinionSdk, Object.keys(globalThis).join()];",
    );
    const [type, names] = resultOf(answer) as [string, string];
    assertEquals(type, "undefined");
    assertEquals(names.split(",").filter((name) => /pinion|host|bridge/i.test(name)), []);
  },
  "how the module finds it": async (arena) => {
    const answer = await arena.run(`import { installHost, getHost } from "pinion"; getHost();`);
    assertMatch(answer.body.code, /^SCRIPT_(SYNTAX|FAILED)$/, answer.excerpt);
    assertMatch(answer.body.detail, /does not provide an export named/);
  },
});
