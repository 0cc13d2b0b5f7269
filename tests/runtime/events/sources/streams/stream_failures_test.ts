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

/** A registration on `s` whose function is `body`, which knows the number `n` of its message. */
const onStream = (body: string, options: string) =>
  `GB("StreamReader").forEach(async (r) => { const { n } = r.value; ${body} })
    .register({ prefix: "s", ${options} });`;

const NOTE = `await execute("RPUSH", "seen", n);`;

engineSuite("failures of functions on streams", {
  "continue: a failure is counted, and what comes after it runs": async (test) => {
    await register(test, onStream(`if (n % 100 === 7) throw new Error("bad " + n); ${NOTE}`, ""));
    await add(test, "s", 300);
    assertEquals(await elements(test, "seen", 297), numbers(300).filter((n) => +n % 100 !== 7));
    const info = await untilRegistration(test, ({ numSuccess }) => numSuccess === 297);
    assertEquals(info.numFailures, 3);
    await untilEmpty(test, "s");
    await test.engine.undeploy("lib");
  },

  "abort: the registration stops, and goes on when it is resumed": async (test) => {
    await register(
      test,
      onStream(
        `if (n === "3" && await execute("INCR", "tries") < 2) throw new Error("bad"); ${NOTE}`,
        `onFailedPolicy: "abort"`,
      ),
    );
    await add(test, "s", 6);
    const info = await untilRegistration(test, ({ status }) => status === "ABORTED");
    assertMatch(info.reason!, /Error: bad \(lib\.js/);
    assertEquals(await test.ask("LRANGE", "seen", 0, -1), numbers(3));
    await test.engine.resumeRegistrations([info.id]);
    assertEquals(await elements(test, "seen", 6), numbers(6));
    await untilEmpty(test, "s");
    assertEquals(registration(test).status, "OK");
    await test.engine.undeploy("lib");
  },

  "retry: an event is run again after pauses, in its place": async (test) => {
    await register(
      test,
      onStream(
        `if (n === "3" && await execute("INCR", "tries") < 4) throw new Error("not yet"); ${NOTE}`,
        `onFailedPolicy: "retry", retryIntervalMs: 40`,
      ),
    );
    const started = performance.now();
    await add(test, "s", 6);
    await untilRegistration(
      test,
      ({ status, reason }) =>
        status === "WAITING_FOR_RETRY_ON_FAILURE" && reason!.includes("not yet"),
    );
    assertEquals(await elements(test, "seen", 6), numbers(6));
    // Pauses of 40, 80 and 160 ms, of which half is certain.
    assert(performance.now() - started >= 140);
    const info = await untilRegistration(test, ({ status }) => status === "OK");
    assertEquals([info.numSuccess, info.numFailures], [6, 3]);
    assertEquals(await letters(test), []);
    await test.engine.undeploy("lib");
  },

  "retry: what always fails becomes a dead letter, and the rest goes on": async (test) => {
    await register(
      test,
      onStream(
        `if (n % 100 === 7) { await execute("INCR", "tries"); throw new Error("bad " + n); } ${NOTE}`,
        `onFailedPolicy: "retry", retryIntervalMs: 1, attempts: 3`,
      ),
    );
    await add(test, "s", 300);
    assertEquals(await elements(test, "seen", 297), numbers(300).filter((n) => +n % 100 !== 7));
    await untilEmpty(test, "s");
    assertEquals(await test.ask("GET", "tries"), "9");
    const dead = await letters(test);
    assertEquals(dead.map(({ key, attempts }) => [key, attempts]), Array(3).fill(["s", "3"]));
    assertMatch(dead[1].error, /^Error: bad 107 \(lib\.js/);
    await test.engine.undeploy("lib");
  },

  "retry: an error that is marked as final is not tried again": async (test) => {
    await register(
      test,
      onStream(
        `if (n === "1") { await execute("INCR", "tries"); throw new NonRetryableError("no"); } ${NOTE}`,
        `onFailedPolicy: "retry", retryIntervalMs: 60_000`,
      ),
    );
    await add(test, "s", 3);
    assertEquals(await elements(test, "seen", 2), ["0", "2"]);
    assertEquals(await test.ask("GET", "tries"), "1");
    assertEquals((await letters(test)).map(({ attempts }) => attempts), ["1"]);
    await test.engine.undeploy("lib");
  },

  "retry: a batch is parted until what is at fault is alone": async (test) => {
    await register(
      test,
      `GB("StreamReader").map(async (r) => {
        if (r.value.n === "13" || r.value.n === "29") throw new Error("bad " + r.value.n);
        await execute("ZINCRBY", "seen", 1, r.value.n);
      }).register({
        prefix: "s", batch: 32, duration: 20,
        onFailedPolicy: "retry", retryIntervalMs: 1, attempts: 2,
      });`,
    );
    await add(test, "s", 100);
    await untilEmpty(test, "s");
    await waitUntil(async () => await test.ask("ZCARD", "seen") === 98);
    assertEquals((await letters(test)).map(({ error }) => error.split(" (")[0]), [
      "Error: bad 13",
      "Error: bad 29",
    ]);
    await test.engine.undeploy("lib");
  },

  "retry: a letter is kept with its event, and no more letters than are wanted": async (test) => {
    await register(
      test,
      onStream(
        `throw new NonRetryableError(n);`,
        `onFailedPolicy: "retry", retryIntervalMs: 1, deadLetters: 4`,
      ),
    );
    await add(test, "s", 10);
    await untilEmpty(test, "s");
    await waitUntil(async () => (await letters(test)).at(-1)?.error.startsWith("NonRetr") === true);
    assertEquals((await letters(test)).length, 4);
    await test.engine.undeploy("lib");
  },

  "order by a key of the record: keys overlap, each in order, a failure holds up its own": async (
    test,
  ) => {
    await register(
      test,
      `let under = 0;
      GB("StreamReader").forEach(async (r) => {
        const { n, user } = r.value;
        under++;
        await new Promise((resolve) => setTimeout(resolve, 5));
        await execute("RPUSH", "under", under--);
        if (n === "4" && await execute("INCR", "tries") < 3) throw new Error("not yet");
        await execute("RPUSH", "seen:" + user, n);
      }).register({
        prefix: "s", orderBy: (r) => r.value.user, concurrency: 4,
        onFailedPolicy: "retry", retryIntervalMs: 20,
      });`,
    );
    await test.pipeline(
      numbers(40).map((n) => ["XADD", "s", "*", "n", n, "user", `${+n % 4}`]),
    );
    for (const user of numbers(4)) {
      assertEquals(
        await elements(test, `seen:${user}`, 10),
        numbers(40).filter((n) => `${+n % 4}` === user),
      );
    }
    const under = await test.ask("LRANGE", "under", 0, -1) as string[];
    assertEquals(Math.max(...under.map(Number)), 4);
    await test.engine.undeploy("lib");
  },
});
