import { assert, assertEquals } from "@std/assert";
import { furtherServerTest } from "../support/given_folders.ts";
import { startEngine } from "../support/start_engine.ts";
import { waitUntil } from "../support/wait_until.ts";

furtherServerTest("a run reads every type", async () => {
  await using test = await startEngine();
  assert(Deno.env.get("PINION_REDIS_SERVER")!.includes(test.redis.version.replace(" ", "-")));
  await test.ask("SET", "k:string", "value");
  await test.ask("HSET", "k:hash", "field", "value");
  await test.ask("RPUSH", "k:list", "a", "b");
  await test.ask("SADD", "k:set", "member");
  await test.ask("ZADD", "k:sorted", "1.5", "member");
  assertEquals(
    await test.results(`GB("KeysReader").map((r) => r.key + " " + r.type).sort().run("k:*")`),
    ["k:hash hash", "k:list list", "k:set set", "k:sorted zset", "k:string string"],
  );
  assertEquals(
    await test.results(`GB("KeysReader").map((r) => r.value).run("k:list")`),
    [["a", "b"]],
  );
});

furtherServerTest("registrations on keys and on streams fire once for each event", async () => {
  await using test = await startEngine();
  for (const [reader, options] of [["KeysReader", "k:*"], ["StreamReader", "s:*"]]) {
    await test.engine.runScript(
      `GB("${reader}").forEach(async (r) => {
        await execute("RPUSH", "seen:" + r.key, r.key);
      }).register({ prefix: "${options}" });`,
      {},
    );
  }
  for (const key of ["k:1", "k:2"]) await test.ask("SET", key, "value");
  for (const n of ["1", "2"]) await test.ask("XADD", "s:1", "*", "n", n);
  const seen = async () =>
    await Promise.all(["k:1", "k:2", "s:1"].map((k) => test.ask("LLEN", `seen:${k}`)));
  await waitUntil(async () => `${await seen()}` === "1,1,2");
});
