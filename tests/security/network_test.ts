/**
 * Code fetches nothing but from the hosts that a manifest grants.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { reach } from "./support/reach.ts";
import { resultOf, securitySuite } from "./support/security_suite.ts";
import { Trap } from "./support/trap.ts";

securitySuite("network", {
  ...reach({
    "fetch": "fetch('http://HOST/')",
    "fetch with a body": "fetch('http://HOST/', { method: 'POST', body: 'data' })",
    "fetch with credentials": "fetch('http://user:data@HOST/')",
  }),
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
