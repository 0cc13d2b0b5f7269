import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { refusal } from "../../library/library_calls.ts";
import { engineSuite } from "../../../support/engine_suite.ts";
import { waitUntil } from "../../../support/wait_until.ts";
import {
  addMessages,
  deployModule,
  registerScript,
  undeployAll,
  untilText,
} from "../registering.ts";

const ID = /^0{40}-\d+$/;
/** Counts the messages of a stream `s`. */
const COUNT = `GB("StreamReader").forEach(() => execute("INCR", "count"))
  .register({ prefix: "s", description: "counts" });`;

engineSuite("registrations", {
  "a library that registers is kept, listed and fires": async (test) => {
    await deployModule(
      test,
      `const id = await GB("StreamReader").forEach(() => execute("INCR", "count"))
         .register({ prefix: "s", description: "counts" });
       await execute("SET", "id", id);`,
    );
    const [info, ...others] = test.engine.listRegistrations();
    assertEquals(others, []);
    assertMatch(info.id, ID);
    assertEquals(await test.ask("GET", "id"), info.id);
    assertEquals([info.library, info.name], ["lib", "StreamReader:s"]);
    assertEquals([info.description, info.mode, info.status], ["counts", "async", "OK"]);
    assertEquals(test.engine.getRegistration(info.id), info);
    await addMessages(test, "s", 20);
    await untilText(test, "count", "20");
    await waitUntil(() => test.engine.getRegistration(info.id).numSuccess === 20);
    const { numTriggered, numFailures, lastError } = test.engine.getRegistration(info.id);
    assertEquals([numTriggered, numFailures, lastError], [20, 0, null]);
    await undeployAll(test);
    assertEquals(test.engine.listRegistrations(), []);
  },

  "a script that registers lives on, its closures hold what they held": async (test) => {
    const [id] = await registerScript(
      test,
      `const mark = crypto.randomUUID();
       const times = await execute("INCR", "top level");
       await execute("SET", "mark", mark);
       GB("StreamReader").forEach((r) => execute("HSET", "seen", r.value.n, mark + times))
         .register({ prefix: "s" });`,
      { id: "mine", description: "my script" },
    );
    assertMatch(id, ID);
    const mark = await test.ask("GET", "mark");
    for (const n of [0, 1, 2]) {
      await addMessages(test, "s", 1, n);
      await waitUntil(async () => await test.ask("HEXISTS", "seen", n) === 1);
      assertEquals(await test.ask("HGET", "seen", n), `${mark}1`);
      await test.restart();
      const sessions = test.engine.listSessions();
      assertEquals(sessions.map((one) => [one.id, one.description, one.registrations]), [
        ["mine", "my script", [id]],
      ]);
    }
    assertEquals(await test.ask("GET", "top level"), "1");
    await refusal(registerScript(test, COUNT, { id: "mine" }), "SESSION_EXISTS");
    await undeployAll(test);
  },

  "a script without an id gets one; it is replaced by UPGRADE and REPLACE_WITH": async (test) => {
    const [first] = await registerScript(test, COUNT);
    const [{ id: session }] = test.engine.listSessions();
    assertMatch(session, /^[0-9a-f]{40}$/);
    assertEquals(test.engine.listLibraries(), []);
    const [second] = await registerScript(test, COUNT, { id: session, upgrade: true });
    assertEquals(second, first);
    const [third] = await registerScript(test, COUNT, { id: "new", replaceWith: session });
    assertEquals(third, first);
    await waitUntil(() => test.engine.listSessions().length === 1);
    assertEquals(test.engine.listRegistrations().map(({ library }) => library), ["new"]);
    await refusal(registerScript(test, COUNT, { replaceWith: "none" }), "NO_SESSION");
    await addMessages(test, "s", 3);
    await untilText(test, "count", "3");
    await undeployAll(test);
  },

  "what cannot be registered changes nothing": async (test) => {
    const bad: readonly (readonly [script: string, code: string, message: string])[] = [
      [`GB().register({ mode: "x" })`, "BAD_PLAN", "unknown execution mode"],
      [`${COUNT} throw new Error("no")`, "SCRIPT_FAILED", "no"],
      [`${COUNT} GB().run()`, "SCRIPT_FAILED", "A script can register() or run(), not both"],
      [`GB().run(); ${COUNT}`, "SCRIPT_FAILED", "A script can register() or run(), not both"],
      [`GB()["regi" + "ster"]({})`, "BAD_PLAN", "was not written down"],
      [
        `await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-1" }, true, ["sign"]); ${COUNT}`,
        "BAD_PLAN",
        "crypto.subtle.generateKey",
      ],
      [
        `GB().register({ name: "a" }); GB().register({ name: "a" })`,
        "BAD_PLAN",
        'has a registration named "a" already',
      ],
      ["for (let n = 0; n < 1001; n++) GB('StreamReader').register()", "SCRIPT_FAILED", "1000"],
    ];
    for (const [script, code, message] of bad) {
      const error = await refusal(registerScript(test, script), code as never);
      assertStringIncludes(error.message, message);
    }
    const nested = await test.run(
      `GB("GeneratorReader").forEach(() => GB().register()).run(() => [1])`,
    );
    assertStringIncludes(nested.errors[0], "register() can be called at the top level");
    await registerScript(test, COUNT, { id: "stays" });
    const before = test.engine.listRegistrations();
    await refusal(
      registerScript(test, `${COUNT} throw 5`, { id: "stays", upgrade: true }),
      "SCRIPT_FAILED",
    );
    await refusal(
      registerScript(test, COUNT, { id: "s".repeat(65) }),
      "BAD_OPTION",
    );
    assertEquals(test.engine.listRegistrations(), before);
    await undeployAll(test);
  },

  "a module must register the same at every start": async (test) => {
    const source = `GB("StreamReader").forEach(() => execute("INCR", "count"))
      .register({ prefix: "s" + await execute("GET", "which") });`;
    await test.ask("SET", "which", "");
    await deployModule(test, source);
    await test.ask("SET", "which", "2");
    await test.restart();
    await addMessages(test, "s", 1);
    await waitUntil(() => test.engine.listRegistrations()[0].lastError !== null, 15_000);
    const [{ lastError }] = test.engine.listRegistrations();
    assertStringIncludes(`${lastError}`, "in another way than when it was deployed");
    await test.ask("SET", "which", "");
    await untilText(test, "count", "1");
    await undeployAll(test);
  },

  "the same name has the same id in the next version; others end": async (test) => {
    await deployModule(
      test,
      `GB("StreamReader").register({ prefix: "a" });
       GB("StreamReader").register({ prefix: "b" });
       GB("StreamReader").register({ prefix: "b" });
       GB("StreamReader").register({ prefix: "c", name: "named" });`,
    );
    const idsByName = () =>
      Object.fromEntries(test.engine.listRegistrations().map(({ name, id }) => [name, id]));
    const before = idsByName();
    assertEquals(Object.keys(before), [
      "StreamReader:a",
      "StreamReader:b",
      "StreamReader:b#2",
      "named",
    ]);
    await deployModule(
      test,
      `GB("StreamReader").register({ prefix: "d", name: "named", batch: 5 });
       GB("StreamReader").register({ prefix: "b", batch: 2 });
       GB("StreamReader").register({ prefix: "e" });`,
    );
    const after = idsByName();
    assertEquals(Object.keys(after).sort(), ["StreamReader:b", "StreamReader:e", "named"]);
    assertEquals([after.named, after["StreamReader:b"]], [before.named, before["StreamReader:b"]]);
    assert(!Object.values(before).includes(after["StreamReader:e"]));
    await test.engine.rollback("lib");
    assertEquals(idsByName(), before);
    await undeployAll(test);
  },

  "onRegistered is called once for a version, before the first event, and not after a restart":
    async (
      test,
    ) => {
      const source = (onRegistered: string) =>
        `GB("StreamReader").forEach(() => execute("RPUSH", "log", "event"))
        .register({ prefix: "s", onRegistered: ${onRegistered} });`;
      await addMessages(test, "s", 1);
      const slow = `async () => {
      for (let n = 0; n < 20; n++) await execute("GET", "x");
      await execute("RPUSH", "log", "registered");
    }`;
      await deployModule(test, source(slow));
      await waitUntil(async () => await test.ask("LLEN", "log") === 2);
      assertEquals(await test.ask("LRANGE", "log", 0, -1), ["registered", "event"]);
      await test.restart();
      await addMessages(test, "s", 1);
      await waitUntil(async () => await test.ask("LLEN", "log") === 3);
      await deployModule(test, source(slow));
      assertEquals(await test.ask("LRANGE", "log", 0, -1), [
        "registered",
        "event",
        "event",
        "registered",
      ]);
      for (const failing of ["() => { throw new Error('not so') }", "() => { for (;;); }"]) {
        await deployModule(test, source(failing), { manifest: { timeoutMs: 300 } });
        const [{ status }] = test.engine.listRegistrations();
        assertEquals(status, "OK");
      }
      assert(test.logs.some((line) => /onRegistered of .* failed: Error: not so/.test(line)));
      await addMessages(test, "s", 1);
      await waitUntil(async () => await test.ask("LLEN", "log") === 5, 15_000);
      await undeployAll(test);
      assertEquals(await test.ask("KEYS", "*:registered"), []);
    },
}, { limits: { invocationTimeoutMs: 5_000 } });
