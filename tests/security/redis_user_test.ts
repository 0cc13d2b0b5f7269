/**
 * A library with a Redis user of its own may do in Redis what that user may, and nothing else.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import { assertRefused, securitySuite } from "./support/security_suite.ts";

const PASSWORD = "password-of-the-user";
const SOURCE = `
  import { execute, GB } from "pinion";
  export const run = (command) =>
    execute(...command).then((reply) => ["done", reply], (error) => ["refused", error.message]);
  export const whoAmI = () => execute("ACL", "WHOAMI");
  export const keys = GB("KeysReader").map((record) => record.key);`;

const FORBIDDEN = [
  ["SET", "others:a", "1"],
  ["GET", "others:a"],
  ["DEL", "visits:Ada"],
  ["FLUSHALL"],
  ["KEYS", "*"],
  ["CONFIG", "SET", "dir", "/tmp"],
  ["DEBUG", "SLEEP", "10"],
  ["EVAL", "while true do end", "0"],
  ["SHUTDOWN", "NOSAVE"],
  ["REPLICAOF", "127.0.0.1", "1"],
  ["MIGRATE", "127.0.0.1", "1", "limited:a", "0", "100"],
  ["MODULE", "LOAD", "/tmp/x.so"],
  ["ACL", "SETUSER", "limited", "on", "~*", "+@all"],
  ["CLIENT", "KILL", "TYPE", "normal"],
  ["HSET", "__pinion:library:innocent", "x", "y"],
];

/** Adds the user, and deploys a library that is it. */
async function deployLimited(arena: Arena, manifest: Record<string, unknown> = {}) {
  await arena.ask(
    ...["ACL", "SETUSER", "limited", "reset", "on", `>${PASSWORD}`, "~limited:*"],
    ...["+@read", "+@write", "-@dangerous", "+ping", "+client|setname", "+acl|whoami"],
  );
  return await arena.deploy("limited", SOURCE, { redisUser: "limited", ...manifest });
}

const run = async (arena: Arena, ...command: string[]) =>
  (await arena.invoke("limited", "run", command)).body as [string, string];

securitySuite("a Redis user of the library's own", {
  "is who runs its commands": async (arena) => {
    await deployLimited(arena);
    assertEquals((await arena.invoke("limited", "whoAmI")).body, "limited");
    assertEquals(await run(arena, "SET", "limited:a", "1"), ["done", "OK"]);
    assertEquals(await run(arena, "GET", "limited:a"), ["done", "1"]);
  },
  "is refused what it may not do": async (arena) => {
    await deployLimited(arena);
    for (const command of FORBIDDEN) {
      const [outcome, message] = await run(arena, ...command);
      assertEquals(outcome, "refused", command.join(" "));
      assertMatch(message, /^(NOPERM |ERR \w+ command not allowed)/, command.join(" "));
    }
  },
  "is who reads for its batch runs": async (arena) => {
    await deployLimited(arena);
    await run(arena, "SET", "limited:a", "1");
    await arena.ask("SET", "others:a", "1");
    const { body } = await arena.invoke("limited", "keys");
    assertEquals(body.results, []);
    assertMatch(body.errors[0], /^NOPERM /);
  },
  "is not who runs other libraries": async (arena) => {
    await deployLimited(arena);
    assertMatch((await arena.evaluate(`return await execute("ACL", "WHOAMI");`)).text, /"default"/);
  },
  "that docs/security.md advises keeps out of what the runtime stores": async (arena) => {
    const advice = await Deno.readTextFile(new URL("../../docs/security.md", import.meta.url));
    const [, rules] = /ACL SETUSER functions on '>PASSWORD' ([^`]*)```/.exec(advice)!;
    const words = rules.replaceAll("\\\n", " ").replaceAll("'", "").trim().split(/\s+/);
    await arena.ask("ACL", "SETUSER", "functions", "reset", "on", ">pw", ...words);
    await arena.deploy("limited", SOURCE, { redisUser: "functions" });
    for (const key of ["a", "_", "__pinion", "__pinions", "visits:Ada", "ä"]) {
      assertEquals(await run(arena, "SET", key, "1"), ["done", "OK"], key);
      await arena.ask("DEL", key);
    }
    for (
      const command of [
        ["HGETALL", "__pinion:library:innocent"],
        ["HSET", "__pinion:library:innocent", "current", "9"],
        ["EVAL", "return redis.call('get', '__pinion:' .. 'libraries')", "0"],
        ["RENAME", "__pinion:libraries", "mine"],
        ["CONFIG", "SET", "dir", "/tmp"],
        ["SHUTDOWN"],
        ["ACL", "LIST"],
      ]
    ) {
      const [outcome, message] = await run(arena, ...command);
      assertEquals(outcome, "refused", command.join(" "));
      assertMatch(message, /NOPERM|can't access at least one of the keys/, command.join(" "));
    }
  },
  "that the runtime does not know is refused": async (arena) => {
    assertRefused(
      await deployLimited(arena, { redisUser: "admin" }),
      "BAD_ARGUMENT",
      /^The manifest names the Redis user "admin", which this runtime does not have/,
    );
  },
  "with a password that is wrong tells no password": async (arena) => {
    await deployLimited(arena);
    await arena.ask("ACL", "SETUSER", "limited", "resetpass", ">another");
    await arena.undeployAll();
    await arena.deploy("limited", SOURCE, { redisUser: "limited" });
    const [outcome, message] = await run(arena, "GET", "limited:a");
    assertEquals(outcome, "refused");
    assertMatch(message, /^REDISDOWN Redis refused AUTH: WRONGPASS/);
  },
}, { redisUsers: { limited: PASSWORD, functions: "pw" } });
