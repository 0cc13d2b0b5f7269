import { assert, assertEquals, assertMatch } from "@std/assert";
import { engineSuite } from "../../../../support/engine_suite.ts";
import { waitUntil } from "../../../../support/wait_until.ts";
import {
  add,
  elements,
  letters,
  numbers,
  register,
  registration,
  untilEmpty,
  untilRegistration,
} from "./stream_calls.ts";

const NOTE = `await execute("RPUSH", "seen", n);`;
const onStream = (body: string, options = "") =>
  `GB("StreamReader").forEach(async (r) => { const { n } = r.value; ${body} })
    .register({ prefix: "s", ${options} });`;
const RETRY = `onFailedPolicy: "retry", retryIntervalMs: 1, attempts: 2`;
const others = (culprit: string) => numbers(40).filter((n) => n !== culprit);

engineSuite("faults under streams", {
  "a function that always fails": async (test) => {
    await register(test, onStream(`await execute("INCR", "tries"); throw new Error("no");`, RETRY));
    await add(test, "s", 50);
    await untilEmpty(test, "s");
    assertEquals(await test.ask("GET", "tries"), "100");
    assertEquals((await letters(test)).length, 50);
    const info = await untilRegistration(test, ({ status }) => status === "OK");
    assertEquals([info.numFailures, info.numSuccess], [100, 0]);
    await test.engine.undeploy("lib");
  },

  "a function that never returns is found among the others": async (test) => {
    for (const hang of ["await new Promise(() => {});", "for (;;);"]) {
      await register(test, onStream(`if (n === "17") { ${hang} } ${NOTE}`, RETRY), {
        timeoutMs: 250,
      });
      await add(test, "s", 40);
      await untilEmpty(test, "s");
      const seen = await test.ask("LRANGE", "seen", 0, -1) as string[];
      assertEquals([...new Set(seen)], others("17"));
      const [{ error, attempts }] = await letters(test);
      assertMatch(error, /an execution took longer than 250 ms/);
      assertEquals(attempts, "2");
      await test.engine.undeploy("lib");
      await test.ask("FLUSHALL");
    }
  },

  "what kills the isolate is found among what runs beside it": async (test) => {
    const bomb = `const kept = []; for (;;) kept.push(new Uint8Array(1e6).fill(1));`;
    await register(test, onStream(`if (n === "17") { ${bomb} } ${NOTE}`, `concurrency: 8`));
    await register(
      test,
      `GB("StreamReader").forEach((r) => execute("RPUSH", "other", r.value.n))
        .register({ prefix: "t" });`,
      { name: "other" },
    );
    await add(test, "t", 500);
    await add(test, "s", 40);
    await untilEmpty(test, "s");
    await untilEmpty(test, "t");
    assertEquals([...new Set(await elements(test, "seen", 39))], others("17"));
    assertEquals(await elements(test, "other", 500), numbers(500));
    await test.engine.undeploy("lib");
    await test.engine.undeploy("other");
  },

  "a function that returns after its registration is gone": async (test) => {
    await register(
      test,
      onStream(`await execute("SET", "begun", n);
        while (await execute("EXISTS", "gate") === 0) await new Promise((next) => setTimeout(next, 5));
        ${NOTE}`),
    );
    await add(test, "s", 3);
    await waitUntil(async () => await test.ask("EXISTS", "begun") === 1);
    const { id } = registration(test);
    const ended = test.engine.unregister(id, { abortPending: true });
    await waitUntil(() => test.engine.listRegistrations().length === 0);
    await test.ask("SET", "gate", "1");
    await ended;
    assertEquals(await elements(test, "seen", 1), ["0"]);
    await waitUntil(async () => (await test.ask("XINFO", "GROUPS", "s") as unknown[]).length === 0);
    assertEquals(await test.ask("LRANGE", "seen", 0, -1), ["0"]);
  },

  "a stream that is deleted, and comes again": async (test) => {
    await register(test, onStream(`await new Promise((next) => setTimeout(next, 1)); ${NOTE}`));
    await add(test, "s", 200);
    await elements(test, "seen", 20);
    await test.ask("DEL", "s");
    await test.ask("XADD", "s", "1-1", "n", "new");
    await waitUntil(async () => (await elements(test, "seen", 1)).at(-1) === "new", 10_000);
    await untilEmpty(test, "s");
    assertEquals(registration(test).status, "OK");
    await test.engine.undeploy("lib");
  },

  "a stream that is replaced by a key of another type": async (test) => {
    await register(test, onStream(NOTE));
    await add(test, "s", 3);
    await elements(test, "seen", 3);
    await test.ask("SET", "s", "text");
    await test.ask("DEL", "s");
    await add(test, "s", 2, 3);
    assertEquals(await elements(test, "seen", 5), numbers(5));
    await test.engine.undeploy("lib");
  },

  "a stream that is trimmed": async (test) => {
    await register(test, onStream(`await new Promise((next) => setTimeout(next, 1)); ${NOTE}`));
    await add(test, "s", 3_000);
    await elements(test, "seen", 20);
    await test.ask("XTRIM", "s", "MAXLEN", 10);
    await add(test, "s", 1, 3_000);
    await waitUntil(async () => (await elements(test, "seen", 1)).at(-1) === "3000", 20_000);
    const [, , , , , pending] = (await test.ask("XINFO", "GROUPS", "s") as unknown[][])[0];
    await untilEmpty(test, "s");
    assert(pending === 0 || pending === 1);
    await test.engine.undeploy("lib");
  },

  "a stream that is renamed, and its group destroyed": async (test) => {
    await register(
      test,
      `GB("StreamReader").forEach(async (r) => {
        await new Promise((next) => setTimeout(next, 1));
        await execute("SADD", "seen", r.value.n);
      }).register({ prefix: "s:*" });`,
    );
    await add(test, "s:1", 300);
    await waitUntil(async () => await test.ask("SCARD", "seen") as number > 20);
    await test.ask("RENAME", "s:1", "s:2");
    await waitUntil(async () => await test.ask("SCARD", "seen") === 300, 10_000);
    await untilEmpty(test, "s:2");
    await test.ask("XGROUP", "DESTROY", "s:2", `pinion:${registration(test).id}`);
    await add(test, "s:2", 5, 300);
    await waitUntil(async () => await test.ask("SCARD", "seen") === 305, 10_000);
    await test.engine.undeploy("lib");
  },

  "Redis out of memory: the registration waits, says why, and goes on by itself": async (test) => {
    await register(test, onStream(NOTE));
    await register(test, onStream(`await execute("RPUSH", "more", n);`, RETRY), { name: "more" });
    await add(test, "s", 100);
    await elements(test, "seen", 100);
    await elements(test, "more", 100);
    await untilEmpty(test, "s");
    await test.engine.pauseRegistrations(
      test.engine.listRegistrations().map(({ id }) => id),
      "pause",
    );
    await add(test, "s", 100, 100);
    await test.ask("CONFIG", "SET", "maxmemory", "1mb");
    await test.engine.resumeRegistrations(test.engine.listRegistrations().map(({ id }) => id));
    const isWaiting = () =>
      test.engine.listRegistrations().every(({ status, reason }) =>
        status === "WAITING_FOR_RETRY_ON_FAILURE" && reason!.startsWith("OOM ")
      );
    await waitUntil(isWaiting);
    await test.ask("CONFIG", "SET", "maxmemory", "0");
    assertEquals(await elements(test, "seen", 200), numbers(200));
    assertEquals(await elements(test, "more", 200), numbers(200));
    await waitUntil(() => test.engine.listRegistrations().every(({ status }) => status === "OK"));
    assertEquals(await test.ask("EXISTS", "__pinion:{dead}"), 0);
    await test.engine.undeploy("more");
    await test.engine.undeploy("lib");
  },
});
