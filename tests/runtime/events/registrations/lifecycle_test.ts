import { assert, assertEquals } from "@std/assert";
import { refusal } from "../../library/library_calls.ts";
import { engineSuite } from "../../../support/engine_suite.ts";
import type { TestEngine } from "../../../support/start_engine.ts";
import { waitUntil } from "../../../support/wait_until.ts";
import {
  addMessages,
  deployModule,
  registerScript,
  undeployAll,
  untilText,
} from "../registering.ts";

const UNKNOWN = `${"0".repeat(40)}-999999`;
const COUNT = `GB("StreamReader").forEach(() => execute("INCR", "count"))
  .register({ prefix: "s", name: "counts" });`;
/** Two at a time; each waits until the list `go` has an element for it. */
const GATED = `GB("StreamReader").forEach(async (r) => {
    await execute("RPUSH", "begun", r.value.n);
    while (await execute("LPOP", "go") === null) await new Promise((r) => setTimeout(r, 5));
    await execute("RPUSH", "ended", r.value.n);
  }).register({ prefix: "s", concurrencyPerKey: 2, concurrency: 2 });`;

function onlyOne({ engine }: TestEngine) {
  const [info, ...others] = engine.listRegistrations();
  assertEquals(others, []);
  return info;
}

engineSuite("registrations: life", {
  "a paused one takes nothing, also after a restart, and goes on where it was": async (test) => {
    await deployModule(test, COUNT);
    const { id } = onlyOne(test);
    await addMessages(test, "s", 3);
    await untilText(test, "count", "3");
    await test.engine.pauseRegistrations([id], "pause");
    assertEquals(onlyOne(test).status, "PAUSED");
    await test.engine.pauseRegistrations([id], "pause");
    await addMessages(test, "s", 4, 3);
    await test.restart();
    await waitUntil(() => onlyOne(test).status === "PAUSED");
    // A later version waits, too: who deploys it need not know why it was paused.
    await deployModule(test, `${COUNT} // 2`);
    assertEquals([onlyOne(test).id, onlyOne(test).status], [id, "PAUSED"]);
    assertEquals(await test.ask("GET", "count"), "3");
    await test.engine.resumeRegistrations([id]);
    assertEquals(onlyOne(test).status, "OK");
    await untilText(test, "count", "7");
    await undeployAll(test);
    assertEquals(await test.ask("KEYS", "*registrations:states"), []);
  },

  "several are paused, or none": async (test) => {
    await deployModule(
      test,
      `GB("StreamReader").register({ prefix: "a" }); GB("StreamReader").register({ prefix: "b" });`,
    );
    const ids = test.engine.listRegistrations().map(({ id }) => id);
    const statuses = () => test.engine.listRegistrations().map(({ status }) => status);
    for (const how of ["pause", "drain"] as const) {
      await refusal(test.engine.pauseRegistrations([...ids, UNKNOWN], how), "NO_REGISTRATION");
      assertEquals(statuses(), ["OK", "OK"]);
    }
    await test.engine.pauseRegistrations(ids, "pause");
    assertEquals(statuses(), ["PAUSED", "PAUSED"]);
    await refusal(test.engine.resumeRegistrations([...ids, UNKNOWN]), "NO_REGISTRATION");
    assertEquals(statuses(), ["PAUSED", "PAUSED"]);
    await test.engine.resumeRegistrations(ids);
    assertEquals(statuses(), ["OK", "OK"]);
    await undeployAll(test);
  },

  "one that is drained finishes what it has begun": async (test) => {
    await registerScript(test, GATED, { id: "gated" });
    const { id } = onlyOne(test);
    await addMessages(test, "s", 2);
    await waitUntil(async () => await test.ask("LLEN", "begun") === 2);
    await test.engine.pauseRegistrations([id], "drain");
    assertEquals(onlyOne(test).status, "DRAINING");
    await addMessages(test, "s", 3, 2);
    await test.ask("RPUSH", "go", 1, 1);
    await waitUntil(() => onlyOne(test).status === "PAUSED");
    assertEquals(await test.ask("LLEN", "ended"), 2);
    await test.engine.resumeRegistrations([id]);
    await test.ask("RPUSH", "go", 1, 1, 1);
    await waitUntil(async () => await test.ask("LLEN", "ended") === 5);
    assertEquals(await test.ask("LRANGE", "begun", 0, -1), ["0", "1", "2", "3", "4"]);
    await undeployAll(test);
  },

  "an unregistered one is gone for good, what it has begun ends": async (test) => {
    await registerScript(test, `${GATED} GB("StreamReader").register({ prefix: "other" });`, {
      id: "two",
    });
    const [gated, other] = test.engine.listRegistrations();
    await addMessages(test, "s", 2);
    await waitUntil(async () => await test.ask("LLEN", "begun") === 2);
    await test.engine.unregister(gated.id, { abortPending: true });
    assertEquals(onlyOne(test).id, other.id);
    await refusal(
      test.engine.unregister(gated.id, { abortPending: false }),
      "NO_REGISTRATION",
    );
    await test.ask("RPUSH", "go", 1, 1);
    await waitUntil(async () => await test.ask("LLEN", "ended") === 2);
    await waitUntil(async () => (await test.ask("XINFO", "GROUPS", "s") as unknown[]).length === 0);
    await addMessages(test, "s", 1, 2);
    await test.restart();
    assertEquals(onlyOne(test).id, other.id);
    // The module still makes it, but it does not fire.
    await addMessages(test, "other", 1);
    await waitUntil(() => onlyOne(test).numSuccess === 1, 10_000);
    assertEquals(await test.ask("LLEN", "begun"), 2);
    await test.engine.unregister(other.id, { abortPending: false });
    await waitUntil(() => test.engine.listSessions().length === 0);
    assertEquals(await test.ask("KEYS", "*{libraries}*"), [
      "__pinion:{libraries}:registrations:next",
    ]);
    await test.restart();
    assertEquals(test.engine.listRegistrations(), []);
    assertEquals((await registerScript(test, COUNT, { id: "two" })).length, 1);
    await undeployAll(test);
  },

  "an upgrade registers anew what was unregistered; ids are never used again": async (test) => {
    await deployModule(test, `${COUNT} export const f = () => 1;`);
    const seen = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const { id } = onlyOne(test);
      assert(!seen.has(id));
      seen.add(id);
      await test.engine.unregister(id, { abortPending: true });
      assertEquals(test.engine.listRegistrations(), []);
      assertEquals(test.engine.listLibraries().length, 1);
      await deployModule(test, `${COUNT} export const f = () => ${round};`);
    }
    await addMessages(test, "s", 5);
    await untilText(test, "count", "5");
    await undeployAll(test);
    await deployModule(test, COUNT);
    assert(!seen.has(onlyOne(test).id));
    await undeployAll(test);
  },

  "figures are cleared, what is under way stays counted": async (test) => {
    await deployModule(
      test,
      `GB("StreamReader").forEach((r) => { if (r.value.n === "1") throw new Error("one"); })
         .register({ prefix: "s" });`,
    );
    await addMessages(test, "s", 3);
    await waitUntil(() => onlyOne(test).numSuccess === 2 && onlyOne(test).numFailures === 1);
    assertEquals([onlyOne(test).numTriggered, onlyOne(test).numAborted], [3, 0]);
    await test.engine.clearRegistrationStatistics();
    const { numTriggered, numSuccess, numFailures, lastError, avgRunDurationMs } = onlyOne(test);
    assertEquals([numTriggered, numSuccess, numFailures, lastError, avgRunDurationMs], [
      0,
      0,
      0,
      null,
      0,
    ]);
    await undeployAll(test);
  },

  "sessions are listed with their registrations, whether they run or wait": async (test) => {
    await deployModule(test, COUNT, { manifest: { description: "d" } });
    const { id } = onlyOne(test);
    const expected = {
      id: "lib",
      description: "d",
      refCount: 1,
      dead: false,
      registrations: [id],
      library: "lib",
    };
    assertEquals(test.engine.listSessions(), [expected]);
    await test.restart();
    assertEquals(test.engine.listSessions(), [expected]);
    await undeployAll(test);
  },
});
