/**
 * Tokens, passwords and what one library was given are nobody else's.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { choosePort } from "../../servers/free_port.ts";
import { type Arena, SECRETS } from "./support/arena.ts";
import { listIsolates } from "./support/footprint.ts";
import { assertRefused, resultOf, securitySuite } from "./support/security_suite.ts";

const TOKEN = "token-of-the-runtime";
const PASSWORD = "password-of-redis";
const PORT = choosePort();
const HIDDEN = [TOKEN, PASSWORD, ...Object.values(SECRETS)];
const SHOW_ENV = `
  import { env } from "pinion";
  export const show = (_input, context) => ({ env: { ...env }, context: context.env });`;

/** A request without what the arena adds. */
async function ask(arena: Arena, path: string, authorization?: string): Promise<number> {
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const headers: HeadersInit = authorization === undefined ? {} : { authorization };
  const response = await fetch(arena.runtime.http + path, { headers, client });
  arena.assertTellsNothing(await response.text());
  return response.status;
}

securitySuite("secrets", {
  "are given to the library that names them": async (arena) => {
    const both = { env: { MODE: "a" }, secrets: ["OTHER_KEY"] };
    await arena.deploy("named", SHOW_ENV, both);
    const expected = { MODE: "a", OTHER_KEY: "other" };
    const { body } = await arena.invoke("named", "show");
    assertEquals(body, { env: expected, context: expected });
    await arena.deploy("unnamed", SHOW_ENV, { env: { MODE: "b" } });
    assertEquals((await arena.invoke("unnamed", "show")).body.env, { MODE: "b" });
  },
  "are not given to scripts": async (arena) => {
    assertEquals(resultOf(await arena.evaluate("return { ...env };")), {});
  },
  "that nobody has are refused": async (arena) => {
    assertRefused(
      await arena.deploy("unknown", SHOW_ENV, { secrets: ["NO_SUCH_KEY"] }),
      "BAD_ARGUMENT",
      /^The manifest names the secret "NO_SUCH_KEY", which this runtime does not have/,
    );
    for (const name of ["__proto__", "constructor", "toString"]) {
      assertEquals((await arena.deploy("unknown", SHOW_ENV, { secrets: [name] })).status, 400);
    }
  },
  "are shown by name only": async (arena) => {
    await arena.deploy("named", SHOW_ENV, { env: { MODE: "value-of-mode" }, secrets: ["API_KEY"] });
    const answer = await arena.request("GET", "/v1/libraries/named");
    assertEquals(answer.body.manifest.env, ["MODE"]);
    assertEquals(answer.body.manifest.secrets, ["API_KEY"]);
    assertEquals(answer.text.includes("value-of-mode"), false);
    for (
      const path of [
        "/",
        "/openapi.json",
        "/metrics",
        "/v1/sessions",
        "/v1/cluster",
        "/v1/logs",
        "/v1/config",
      ]
    ) {
      arena.assertTellsNothing((await arena.request("GET", path)).text);
    }
  },
  "are in no log": (arena) => {
    const all = arena.runtime.logs.join("\n");
    assertEquals(HIDDEN.filter((secret) => all.includes(secret)), []);
    return Promise.resolve();
  },
  "are in no list of processes": async () => {
    for (const pid of await listIsolates()) {
      for (const file of ["cmdline", "environ"]) {
        const text = await Deno.readTextFile(`/proc/${pid}/${file}`);
        assertEquals(HIDDEN.filter((secret) => text.includes(secret)), [], file);
      }
    }
  },
  "the token is needed for all but the state of health": async (arena) => {
    assertEquals(await ask(arena, "/healthz"), 200);
    assertEquals(await ask(arena, "/v1/libraries", `Bearer ${TOKEN}`), 200);
    const wrong = [
      "",
      "Bearer",
      "Bearer x",
      `Basic ${TOKEN}`,
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
    ];
    for (const authorization of [undefined, ...wrong]) {
      assertEquals(await ask(arena, "/v1/libraries", authorization), 401, authorization);
    }
    const headers = { authorization: "Bearer x" };
    const invoked = await arena.request("POST", "/invoke/innocent/greet", { headers });
    assertEquals(invoked.body.code, "NOT_AUTHENTICATED");
  },
  "the token is not handed to functions": async (arena) => {
    await arena.deploy(
      "headers",
      "export default { fetch: (request) => Response.json(Object.fromEntries(request.headers)) };",
    );
    const answer = await arena.request("GET", "/fn/headers/");
    assertEquals(answer.body.authorization, undefined, answer.excerpt);
    arena.assertTellsNothing(answer.text);
  },
  "Redis wants its password, and nobody is told it": async (arena) => {
    const answer = await arena.run(`await execute("CONFIG", "GET", "requirepass");`);
    assertEquals(answer.status, 200);
    const other = await arena.evaluate(
      `try { await execute("AUTH", "x"); } catch (e) { return e.message; }`,
    );
    assertMatch(String(resultOf(other)), /^Cannot execute AUTH/);
    assertEquals(arena.runtime.shard.ready.redis.includes(PASSWORD), false);
  },
}, {
  token: TOKEN,
  secrets: { ...SECRETS, OTHER_KEY: "other" },
  server: { port: PORT, args: ["--requirepass", PASSWORD] },
  redis: `redis://:${PASSWORD}@127.0.0.1:${PORT}`,
  hidden: [TOKEN, PASSWORD],
});
