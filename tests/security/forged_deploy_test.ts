/**
 * Bundles, manifests and plans that no tool of ours makes, sent to the HTTP interface.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import { assertRefused, type Attempts, securitySuite } from "./support/security_suite.ts";

const SOURCE = `import { GB } from "pinion";
  export const fail = async () => { throw new Error("mine"); };
  export const keys = GB("KeysOnlyReader");`;

/** Bodies that are refused, each with the code. */
const BODIES: Readonly<Record<string, readonly [body: unknown, code: string]>> = {
  "no source": [{}, "BAD_BODY"],
  "a source that is no text": [{ source: { toString: "x" } }, "BAD_BODY"],
  "a field that there is not": [
    { source: SOURCE, exports: [{ name: "x", kind: "function" }] },
    "BAD_BODY",
  ],
  "a right that there is not": [{ source: SOURCE, manifest: { allowRead: ["/"] } }, "BAD_BODY"],
  "memory without end": [{ source: SOURCE, manifest: { memoryMb: 1e12 } }, "BAD_BODY"],
  "time without end": [{ source: SOURCE, manifest: { timeoutMs: 1e12 } }, "BAD_BODY"],
  "a negative limit": [{ source: SOURCE, manifest: { memoryMb: -1 } }, "BAD_BODY"],
  "a name in env that is none": [{ source: SOURCE, manifest: { env: { "A=B": "x" } } }, "BAD_BODY"],
  "hosts that are flags": [{ source: SOURCE, manifest: { allowNet: ["x:1,y"] } }, "BAD_BODY"],
  "no export": [{ source: "1;" }, "BAD_ARGUMENT"],
  "a run at its top level": [{
    source: `import { GB } from "pinion"; GB().run(); export const f = 1;`,
  }, "SCRIPT_FAILED"],
  "a syntax error": [{ source: "export const = ;" }, "SCRIPT_SYNTAX"],
  "an import": [{ source: `import "npm:left-pad"; export const f = () => 1;` }, "BAD_IMPORT"],
};

/** Plans that callers of a builder ask for. */
const RUNS = {
  "an option that there is not": { arg: "*", options: { admin: true } },
  "a window without end": { arg: "*", options: { window: 1e9 } },
  "a mode that there is not": { arg: "*", options: { mode: "sync" } },
  "an argument of another type": { arg: { pattern: "*" }, options: {} },
  "a field that there is not": { arg: "*", plan: { version: 1 } },
  "a list": ["*"],
};

function put(arena: Arena, body: unknown, name = "forged") {
  return arena.request("PUT", `/v1/libraries/${name}`, {
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
}

const bodies: Attempts = Object.fromEntries(
  Object.entries(BODIES).map(([name, [body, code]]) => [name, async (arena) => {
    const answer = await put(arena, body);
    assertEquals(answer.body.code, code, answer.excerpt);
    assertEquals((await arena.request("GET", "/v1/libraries/forged")).status, 404);
  }]),
);

securitySuite("forged deploys and plans", {
  ...bodies,
  "names that are paths": async (arena) => {
    for (const name of ["..%2f..%2fetc", "a%00b", "__proto__", "x".repeat(65), "%F0%9F%92%A3"]) {
      const { status } = await put(arena, { source: "1;" }, name);
      assert(status === 400 || status === 404, `${name}: ${status}`);
    }
  },
  "JSON that pollutes": async (arena) => {
    const answer = await put(
      arena,
      `{"source":"1;","__proto__":{"upgrade":true},"constructor":{"x":1}}`,
    );
    assert(answer.status === 400, answer.excerpt);
    assertEquals(({} as Record<string, unknown>).upgrade, undefined);
  },
  "JSON that nests": async (arena) => {
    const answer = await put(arena, "[".repeat(100_000) + "]".repeat(100_000));
    assertEquals(answer.body.code, "BAD_BODY");
  },
  "source maps that are none": async (arena) => {
    const maps = [
      "no JSON",
      "[]",
      `{"version":3,"sources":[null],"mappings":"${"A".repeat(1_000_000)}","names":[]}`,
      `{"version":3,"sources":["/etc/passwd"],"mappings":"AAAA;AAAA;AAAA","names":[]}`,
      `{"version":3,"sources":[],"mappings":"gggggggggggggggB","names":[]}`,
    ];
    for (const sourceMap of maps) {
      const deployed = await put(arena, { source: SOURCE, sourceMap, upgrade: true });
      assert(deployed.status < 300 || deployed.body.code !== "INTERNAL", deployed.excerpt);
      const answer = await arena.invoke("forged", "fail");
      if (deployed.status < 300) assertRefused(answer, "FUNCTION_FAILED", /^Error: mine$/);
    }
    await arena.request("DELETE", "/v1/libraries/forged");
  },
  "plans that no builder makes": async (arena) => {
    await arena.deploy("forged", SOURCE);
    for (const [name, body] of Object.entries(RUNS)) {
      const answer = await arena.invoke("forged", "keys", body);
      assertMatch(answer.body.code, /^BAD_(BODY|PLAN|ARGUMENT)$/, `${name}: ${answer.excerpt}`);
    }
  },
  "a plan instead of a script": async (arena) => {
    const plan = { version: 1, reader: { reader: "KeysReader", pattern: "*" }, steps: [] };
    const answer = await arena.run(JSON.stringify(plan));
    assertMatch(answer.body.code, /^SCRIPT_/, answer.excerpt);
  },
  "a body that is too large": async (arena) => {
    assertRefused(await arena.run("1;".padEnd(1_000_001)), "TOO_LARGE", /1000000 bytes/);
    assertRefused(
      await put(arena, { source: "x".repeat(1_000_001) }),
      "TOO_LARGE",
      /1000000 bytes/,
    );
  },
}, { maxBodyBytes: 1_000_000 });
