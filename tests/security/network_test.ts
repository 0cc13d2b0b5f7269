/**
 * Nothing leaves the isolate but commands to its Redis, and what a manifest grants.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { ManagedServer } from "../../redis/managed_server.ts";
import type { Arena } from "./support/arena.ts";
import { type Attempts, errorOf, resultOf, securitySuite } from "./support/security_suite.ts";
import { Trap } from "./support/trap.ts";

const REFUSED =
  /Requires (net|import|read) access|is not defined|Cannot import "node:|npm specifiers|remote specifier|Cannot import|not supported|scheme/i;

/** Ways to reach an address; HOST is one that listens. */
const WAYS = {
  "fetch": "fetch('http://HOST/')",
  "fetch with a body": "fetch('http://HOST/', { method: 'POST', body: 'data' })",
  "fetch with credentials": "fetch('http://user:data@HOST/')",
  "a WebSocket": "new WebSocket('ws://HOST/')",
  "a stream of events": "new EventSource('http://HOST/')",
  "a module of an address": "(0, eval)(`import('http://HOST/data.js')`)",
  "a module that imports one":
    "(0, eval)(`import('data:text/javascript,import \"http://HOST/data.js\"')`)",
  "an npm package": "(0, eval)(`import('npm:left-pad')`)",
  "a jsr package": "(0, eval)(`import('jsr:@std/assert')`)",
  "a socket of Node":
    "(0, eval)(`import('node:net')`).then((net) => net.connect({ port: Number('HOST'.split(':')[1]) }))",
  "a resolver of Node":
    "(0, eval)(`import('node:dns')`).then((dns) => dns.promises.lookup('data.HOST'))",
  "Deno.connect": "Deno.connect({ port: 1 })",
  "Deno.resolveDns": "Deno.resolveDns('data.example.com', 'A')",
};

/** Nothing may be looked up either: the name would carry data out. */
const NAMES = ["http://data.example.com/", "https://data.invalid/", "http://localhost.:8999/"];

function reachFails(expression: string) {
  return async (arena: Arena) => {
    using trap = new Trap();
    const code = expression.replaceAll("HOST", trap.address);
    assertMatch(errorOf(await arena.evaluate(`return String(await ${code});`)), REFUSED);
    assertEquals(trap.connections, 0);
  };
}

async function fetchRefused(arena: Arena, url: string): Promise<void> {
  assertMatch(
    errorOf(await arena.evaluate(`return (await fetch("${url}")).status;`)),
    /^NotCapable: Requires net access to ".*": deploy with --allow-net /,
  );
}

const ways: Attempts = Object.fromEntries(
  Object.entries(WAYS).map(([name, expression]) => [name, reachFails(expression)]),
);

securitySuite("network", {
  ...ways,
  "names that would be looked up": async (arena) => {
    for (const name of NAMES) await fetchRefused(arena, name);
  },
  "the runtime's own HTTP port": (arena) =>
    fetchRefused(arena, `${arena.runtime.http}/v1/libraries`),
  "the runtime's own RESP port": (arena) =>
    fetchRefused(arena, `http://127.0.0.1:${arena.runtime.resp.port}/`),
  "the port of its Redis": (arena) =>
    fetchRefused(arena, `http://127.0.0.1:${arena.runtime.redis.address.port}/`),
  "another Redis": async (arena) => {
    await using other = await ManagedServer.start();
    await fetchRefused(arena, `http://127.0.0.1:${other.address.port}/`);
  },
  "only what a manifest grants": async (arena) => {
    using granted = new Trap();
    using refused = new Trap();
    granted.redirectTo = `http://${refused.address}/`;
    await arena.deploy(
      "caller",
      `export const call = async (url) => {
         try { return (await fetch(url)).status; } catch (error) { return error.message; }
       };`,
      { allowNet: [granted.address] },
    );
    const call = async (url: string) => String((await arena.invoke("caller", "call", url)).body);
    assertEquals(await call(`http://${granted.address}/`), "200");
    assertMatch(await call(`http://${granted.address}/redirect`), /^Requires net access/);
    assertMatch(await call(`http://${refused.address}/`), /^Requires net access/);
    assertMatch(await call(`${arena.runtime.http}/healthz`), /^Requires net access/);
    assertEquals(refused.connections, 0);
  },
  "a grant that is none": async (arena) => {
    for (
      const address of ["*", "*:80", "host", "a:1,b:2", "unix:/tmp/x", "a b:1", "--allow-all:1"]
    ) {
      const answer = await arena.deploy("caller", "export const f = () => 1;", {
        allowNet: [address],
      });
      if (answer.status === 201) {
        // A name may begin with dashes; it is one argument and no flag.
        assertEquals(address, "--allow-all:1");
        assertMatch(resultOf(await arena.evaluate("return 'alive'")) as string, /alive/);
      } else assertEquals([answer.status, answer.body.code], [400, "BAD_BODY"], answer.excerpt);
    }
  },
});
