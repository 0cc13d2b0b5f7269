/**
 * Many changes at once under load: upgrades, pauses, ends. No message is lost, and what is left at
 * the end is what was asked for last.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { startEngine } from "../../../support/start_engine.ts";
import { waitUntil } from "../../../support/wait_until.ts";
import { add, elements, numbers, register, registration } from "../sources/streams/stream_calls.ts";

const source = (version: number) =>
  `GB("StreamReader").forEach((r) => execute("RPUSH", "seen", r.value.n))
     .register({ prefix: "storm", name: "storm" });
   export const version = () => ${version};`;

const MESSAGES = 6_000;

Deno.test("upgrades one after the other under load: every message is run, in order", async () => {
  await using test = await startEngine();
  await register(test, source(0));
  let isOver = false;
  const adding = (async () => {
    for (let from = 0; from < MESSAGES; from += 300) await add(test, "storm", 300, from);
    isOver = true;
  })();
  let upgrades = 0;
  while (!isOver || upgrades < 8) await register(test, source(++upgrades));
  await adding;
  const seen = await elements(test, "seen", MESSAGES);
  assertEquals(seen, numbers(MESSAGES), "each once and in order: nothing died");
  assertEquals(registration(test).status, "OK");
  await waitUntil(() => test.engine.listSessions().length === 1);
});

Deno.test("a storm of pauses and resumes loses nothing, and the last word counts", async () => {
  await using test = await startEngine();
  await register(test, source(0));
  const { id } = registration(test);
  const adding = add(test, "storm", MESSAGES);
  const changes = Array.from(
    { length: 60 },
    (_, number) =>
      number % 3 === 0
        ? test.engine.pauseRegistrations([id], "pause")
        : test.engine.resumeRegistrations([id]),
  );
  await Promise.all([adding, ...changes]);
  await test.engine.pauseRegistrations([id], "pause");
  await test.engine.resumeRegistrations([id]);
  const seen = await elements(test, "seen", MESSAGES);
  assertEquals([...new Set(seen)].length, MESSAGES);
  assertEquals(registration(test).status, "OK");
});

Deno.test("registrations that are ended while they are made leave nothing in Redis", async () => {
  await using test = await startEngine();
  await add(test, "storm", 1_000);
  await Promise.all(
    Array.from({ length: 8 }, async (_, number) => {
      const name = `lib${number}`;
      await register(test, source(number), { name });
      const mine = test.engine.listRegistrations().find(({ library }) => library === name);
      assert(mine !== undefined);
      await Promise.all([
        test.engine.unregister(mine.id, { abortPending: number % 2 === 0 }),
        test.engine.undeploy(name).catch(() => {}),
      ]);
    }),
  );
  await waitUntil(async () => {
    const groups = await test.ask("EXISTS", "storm") === 1
      ? await test.ask("XINFO", "GROUPS", "storm") as unknown[]
      : [];
    return groups.length === 0 && test.engine.listRegistrations().length === 0;
  });
  assertEquals(await test.ask("HLEN", "__pinion:{libraries}:registrations:states"), 0);
});
