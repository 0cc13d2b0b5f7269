/**
 * Events come over the runtime's own connections: a library with a Redis user of its own is told
 * nothing by them that this user may not read, and no stream is changed that it may not change.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import { assertRefused, securitySuite, until } from "./support/security_suite.ts";

const PASSWORD = "password-of-the-user";

async function deploy(arena: Arena, register: string, user = "limited") {
  await arena.ask(
    ...["ACL", "SETUSER", "limited", "reset", "on", `>${PASSWORD}`, "~limited:*", "+@read"],
    ...["+@write", "-@dangerous", "+ping", "+client|setname", "resetchannels"],
  );
  return await arena.deploy(
    "limited",
    `import { execute, GB } from "pinion"; ${register}`,
    { redisUser: user },
  );
}

const keep = (reader: string, options: string) =>
  `GB("${reader}").map((r) => execute("RPUSH", "limited:seen", r.key ?? "none"))
    .register({ ${options} });`;

async function isSeen(arena: Arena, ...keys: string[]): Promise<boolean> {
  const seen = await arena.ask("LRANGE", "limited:seen", "0", "-1") as string[];
  return keys.every((key) => seen.includes(key));
}

securitySuite("events for a Redis user of the library's own", {
  "others' streams are not read, trimmed, or given a group": async (arena) => {
    await arena.ask("XADD", "others:stream", "*", "secret", "1");
    for (const prefix of ["others:stream", "others:*", "*", "limited"]) {
      const answer = await deploy(arena, keep("StreamReader", `prefix: "${prefix}"`));
      assertRefused(
        answer,
        "REDIS_REFUSED",
        /the library's Redis user "limited" may not run XINFO/,
      );
      assertStringIncludes(answer.body.detail, JSON.stringify(prefix));
    }
    assertEquals(await arena.ask("XINFO", "GROUPS", "others:stream"), []);
    assertEquals(await arena.ask("XLEN", "others:stream"), 1);
    await arena.ask("DEL", "others:stream");
  },
  "others' keys are not named": async (arena) => {
    for (const prefix of ["others:a", "others:*", "*"]) {
      const answer = await deploy(arena, keep("KeysReader", `prefix: "${prefix}"`));
      assertRefused(answer, "REDIS_REFUSED", /the library's Redis user "limited" may not run TYPE/);
    }
  },
  "its own fire, and are read and trimmed as that user": async (arena) => {
    assertEquals(
      (await deploy(
        arena,
        keep("StreamReader", `prefix: "limited:s*"`) +
          keep("KeysReader", `prefix: "limited:k*", eventTypes: ["set"]`),
      )).status,
      201,
    );
    await arena.ask("XADD", "limited:s1", "*", "n", "1");
    await arena.ask("SET", "limited:k1", "1");
    await until(() => isSeen(arena, "limited:s1", "limited:k1"));
    await until(async () => await arena.ask("XLEN", "limited:s1") === 0);
    const clients = String(await arena.ask("CLIENT", "LIST")).split("\n");
    const users = clients.filter((line) => line.includes("name=pinion-streams"))
      .map((line) => /user=(\S+)/.exec(line)?.[1]);
    assertEquals(users.includes("limited"), true, clients.join("\n"));
    await arena.undeployAll();
    await arena.ask("DEL", "limited:s1", "limited:k1", "limited:seen");
  },
  "the user that docs/security.md advises may register for all": async (arena) => {
    const advice = await Deno.readTextFile(new URL("../../docs/security.md", import.meta.url));
    const [, rules] = /ACL SETUSER functions on '>PASSWORD' ([^`]*)```/.exec(advice)!;
    const words = rules.replaceAll("\\\n", " ").replaceAll("'", "").trim().split(/\s+/);
    await arena.ask("ACL", "SETUSER", "functions", "reset", "on", ">pw", ...words);
    const source = keep("StreamReader", `prefix: "*", trimStream: false`) +
      keep("KeysReader", `prefix: "*", eventTypes: ["set"]`);
    assertEquals((await deploy(arena, source, "functions")).status, 201);
    await arena.ask("XADD", "limited:s2", "*", "n", "1");
    await arena.ask("SET", "limited:k2", "1");
    await until(() => isSeen(arena, "limited:s2", "limited:k2"));
    await arena.undeployAll();
    await arena.ask("DEL", "limited:s2", "limited:k2", "limited:seen");
  },
  "a right that is taken away stops it, and says so": async (arena) => {
    await deploy(arena, keep("StreamReader", `prefix: "limited:s1"`));
    await arena.ask("ACL", "SETUSER", "limited", "-xreadgroup");
    await arena.ask("XADD", "limited:s1", "*", "n", "1");
    const ours = () => arena.runtime.engine.registrations.list()[0];
    await until(() => ours()?.status === "WAITING_FOR_RETRY_ON_FAILURE");
    assertMatch(ours().reason!, /^NOPERM /);
    assertEquals(await isSeen(arena, "limited:s1"), false);
    await arena.ask("ACL", "SETUSER", "limited", "+xreadgroup");
    await until(() => isSeen(arena, "limited:s1"));
    await arena.undeployAll();
    await arena.ask("DEL", "limited:s1", "limited:seen");
  },
}, { redisUsers: { limited: PASSWORD, functions: "pw" } });
