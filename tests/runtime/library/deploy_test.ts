import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { engineSuite } from "../../support/engine_suite.ts";
import { isolatePids } from "../../support/isolate_processes.ts";
import type { TestEngine } from "../../support/start_engine.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { deploy, invoke, refusal } from "./library_calls.ts";

/** A library whose function gives its version. */
function version(number: number): string {
  return `export async function version() { return ${number}; }`;
}

/** Ends every library, so that the next case begins without one. */
async function undeployAll(test: TestEngine): Promise<void> {
  for (const { name } of test.engine.listLibraries()) await test.engine.undeploy(name);
}

async function versionsOf(test: TestEngine, name = "lib"): Promise<string> {
  const { versions } = await test.engine.getLibrary(name);
  return versions.map((one) => (one.current ? `[${one.version}]` : `${one.version}`)).join(" ");
}

engineSuite("engine: deploy", {
  "a library is listed with what it exports, and stored": async (test) => {
    const source = `import { GearsBuilder } from "pinion";
      export async function later() {}
      export function now() {}
      export const builder = new GearsBuilder("KeysReader");
      export const data = 5;
      export default { fetch() { return new Response(); } };`;
    const manifest = { description: "shown", env: { NAME: "hidden" } };
    const summary = await deploy(test, source, { manifest });
    assertEquals(summary.exports, [
      { name: "later", kind: "function" },
      { name: "now", kind: "function" },
      { name: "builder", kind: "builder" },
      { name: "default", kind: "fetch" },
    ]);
    assertEquals([summary.name, summary.version, summary.state], ["lib", 1, "ready"]);
    assertEquals(summary.description, "shown");
    assertMatch(summary.hash, /^[0-9a-f]{64}$/);
    assertMatch(summary.deployedAt, /^\d{4}-\d\d-\d\dT/);
    assertEquals(test.engine.listLibraries(), [summary]);
    const info = await test.engine.getLibrary("lib");
    assertEquals(info.manifest.env, ["NAME"]);
    assertEquals(info.versions[0].bytes, source.length);
    assertEquals((await test.ask("KEYS", "*") as string[]).sort(), [
      "__pinion:{libraries}",
      "__pinion:{libraries}:lib",
    ]);
    assertEquals(test.engine.listSessions().map(({ library }) => library), ["lib"]);
    await undeployAll(test);
    assertEquals(await test.ask("KEYS", "*"), []);
    assertEquals(test.engine.listSessions(), []);
    await refusal(invoke(test, "now"), "NO_LIBRARY");
  },

  "what cannot be deployed changes nothing": async (test) => {
    const bad: readonly (readonly [source: string, code: string, message: string])[] = [
      ["export function f( {", "SCRIPT_SYNTAX", "SyntaxError"],
      ["export const f = missing;", "SCRIPT_FAILED", "missing is not defined"],
      [`import "npm:zod"; export function f() {}`, "BAD_IMPORT", "npm:zod"],
      ["const f = 1;", "BAD_ARGUMENT", "exports nothing to invoke"],
      ["export const f = 1;", "BAD_ARGUMENT", "exports nothing to invoke"],
      [
        `import { GB } from "pinion"; GB("ShardsIDReader").run(); export function f() {}`,
        "SCRIPT_FAILED",
        "run() at the top level of a library would run at every start",
      ],
    ];
    for (const [source, code, message] of bad) {
      const error = await refusal(deploy(test, source), code as never);
      assertStringIncludes(error.message, message);
      if (code !== "BAD_ARGUMENT") assertEquals(error.location?.file, "lib.js");
    }
    assertEquals(test.engine.listLibraries(), []);
    assertEquals(test.engine.listSessions(), []);
    assertEquals(await test.ask("KEYS", "*"), []);
    await waitUntil(async () => (await isolatePids()).length === 1);
  },

  "a name is taken until it is upgraded; a failed upgrade leaves the old one": async (test) => {
    await deploy(test, version(1));
    const taken = await refusal(deploy(test, version(2)), "SESSION_EXISTS");
    assertStringIncludes(taken.message, "Library lib exists already (version 1)");
    await refusal(deploy(test, "throw 5;", { upgrade: true }), "SCRIPT_FAILED");
    assertEquals(await invoke(test, "version"), 1);
    assertEquals((await deploy(test, version(2), { upgrade: true })).version, 2);
    assertEquals(await invoke(test, "version"), 2);
    assertEquals(await versionsOf(test), "1 [2]");
    await undeployAll(test);
  },

  "a dry run checks everything and changes nothing": async (test) => {
    const summary = await deploy(test, version(1), { dryRun: true });
    assertEquals([summary.version, summary.exports.length], [1, 1]);
    await refusal(deploy(test, "throw 5;", { dryRun: true }), "SCRIPT_FAILED");
    assertEquals(test.engine.listLibraries(), []);
    assertEquals(await test.ask("KEYS", "*"), []);
    await deploy(test, version(1));
    assertEquals((await deploy(test, version(2), { dryRun: true, upgrade: true })).version, 2);
    assertEquals(await invoke(test, "version"), 1);
    await undeployAll(test);
    await waitUntil(() => test.engine.listSessions().length === 0);
  },

  "one library takes the place of another": async (test) => {
    await refusal(deploy(test, version(1), { replaceWith: "none" }), "NO_LIBRARY");
    await deploy(test, version(1), { name: "old" });
    await refusal(deploy(test, "throw 5;", { replaceWith: "old" }), "SCRIPT_FAILED");
    assertEquals(await invoke(test, "old/version"), 1);
    await deploy(test, version(2), { replaceWith: "old" });
    assertEquals(test.engine.listLibraries().map(({ name }) => name), ["lib"]);
    assertEquals(await test.ask("KEYS", "*libraries}:*"), ["__pinion:{libraries}:lib"]);
    assertEquals(await invoke(test, "version"), 2);
    await waitUntil(() => test.engine.listSessions().length === 1);
    await undeployAll(test);
  },

  "roll back goes to the version before, or to one by number": async (test) => {
    for (let n = 1; n <= 3; n++) await deploy(test, version(n), { upgrade: true });
    assertEquals((await test.engine.rollback("lib")).version, 2);
    assertEquals(await invoke(test, "version"), 2);
    assertEquals((await test.engine.rollback("lib", 3)).version, 3);
    assertEquals((await test.engine.rollback("lib", 1)).version, 1);
    assertEquals(await invoke(test, "version"), 1);
    assertEquals(await versionsOf(test), "[1] 2 3");
    await refusal(test.engine.rollback("lib"), "NO_VERSION");
    await refusal(test.engine.rollback("lib", 9), "NO_VERSION");
    await refusal(test.engine.rollback("none"), "NO_LIBRARY");
    assertEquals((await deploy(test, version(4), { upgrade: true })).version, 4);
    await undeployAll(test);
  },

  "ten versions are kept, here and in Redis": async (test) => {
    for (let n = 1; n <= 12; n++) await deploy(test, version(n), { upgrade: true });
    assertEquals(await versionsOf(test), "3 4 5 6 7 8 9 10 11 [12]");
    await refusal(test.engine.rollback("lib", 2), "NO_VERSION");
    await test.engine.rollback("lib", 3);
    await test.restart();
    assertEquals(await versionsOf(test), "[3] 4 5 6 7 8 9 10 11 12");
    assertEquals(await invoke(test, "version"), 3);
    await undeployAll(test);
  },

  "deploys at the same time go one after the other": async (test) => {
    const names = ["a", "b", "lib", "lib", "lib"];
    const settled = await Promise.allSettled(
      names.map((name, n) => deploy(test, version(n), { name, upgrade: n !== 2 })),
    );
    assertEquals(settled.map(({ status }) => status), names.map(() => "fulfilled"));
    assertEquals(await versionsOf(test), "1 2 [3]");
    assertEquals(await invoke(test, "version"), 4);
    const taken = await Promise.allSettled(
      [1, 2, 3].map((n) => deploy(test, version(n), { name: "c" })),
    );
    assertEquals(taken.filter(({ status }) => status === "fulfilled").length, 1);
    await undeployAll(test);
  },

  "libraries are there again after a restart, also where one is broken": async (test) => {
    await deploy(test, version(1), { name: "a", manifest: { description: "first" } });
    await deploy(test, version(2), { name: "b" });
    const before = test.engine.listLibraries();
    await test.pipeline([
      ["SADD", "__pinion:{libraries}", "broken", "gone", "lost"],
      ["HSET", "__pinion:{libraries}:broken", "current", 1, "version:1", "{"],
      ["HSET", "__pinion:{libraries}:lost", "current", 7, "next", 8],
    ]);
    await test.restart();
    const after = test.engine.listLibraries();
    assertEquals(after, before);
    assertEquals(test.engine.listSessions(), []);
    assertEquals([await invoke(test, "a/version"), await invoke(test, "b/version")], [1, 2]);
    assert(test.logs.some((line) => line.includes("Cannot read library broken")));
    assert(test.logs.some((line) => line.includes("Cannot read library lost")));
    await undeployAll(test);
  },

  "the functions of a library that Redis has lost go on until the next start": async (test) => {
    await deploy(test, version(1));
    await deploy(test, version(2), { upgrade: true });
    await test.ask("FLUSHALL");
    assertEquals(await invoke(test, "version"), 2);
    assertEquals((await test.engine.rollback("lib")).version, 1);
    assertEquals((await deploy(test, version(3), { upgrade: true })).version, 3);
    await test.restart();
    assertEquals(await versionsOf(test), "1 [3]");
    await undeployAll(test);
  },
});
