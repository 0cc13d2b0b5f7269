/**
 * Messages that are large, and executions that no isolate survives: nothing is lost without a word.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { startEngine } from "../../../../support/start_engine.ts";
import { waitUntil } from "../../../../support/wait_until.ts";
import { add, register, registration, untilEmpty, untilRegistration } from "./stream_calls.ts";

Deno.test("messages that are too many bytes for one execution are run in parts", async () => {
  await using test = await startEngine({ limits: { memoryMb: 1_024 } });
  const value = new Uint8Array(70 * 1024 * 1024).fill(120);
  for (let count = 0; count < 2; count++) await test.ask("XADD", "big", "*", "f", value);
  await register(
    test,
    `GB("StreamReader").forEach(() => execute("INCR", "runs"))
      .register({ prefix: "big", batch: 2, onFailedPolicy: "retry", attempts: 1 });`,
  );
  await waitUntil(async () => await test.ask("GET", "runs") === "2", 20_000);
  await untilEmpty(test, "big");
  assertEquals(registration(test).numFailures, 1);
  assert(test.logs.some((line) => line.includes("134217728 at a time at most (eventBytes)")));
  assert(!test.logs.some((line) => line.includes("broke the sandbox")), test.logs.join("\n"));
});

Deno.test("what no isolate survives is counted and told, also where the next one goes on", async () => {
  await using test = await startEngine({ limits: { memoryMb: 128 } });
  await register(
    test,
    `GB("StreamReader").map((r) => {
       if (r.value.n === "3") { const all = []; while (true) all.push(new Array(100_000).fill(1.5)); }
       return execute("RPUSH", "seen", r.value.n);
     }).register({ prefix: "bombs" });`,
  );
  await add(test, "bombs", 6);
  await untilEmpty(test, "bombs");
  const seen = await test.ask("LRANGE", "seen", 0, -1) as string[];
  assertEquals([...new Set(seen)], ["0", "1", "2", "4", "5"]);
  const { numFailures } = await untilRegistration(test, (info) => info.numFailures > 0);
  assertEquals(numFailures, 1);
  assert(test.logs.some((line) => /^lib warning An execution .* run alone: .*memory/.test(line)));
});
