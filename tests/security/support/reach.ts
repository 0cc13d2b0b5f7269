/**
 * Ways to reach an address that nobody granted.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import type { Arena } from "./arena.ts";
import { type Attempts, errorOf } from "./security_suite.ts";
import { Trap } from "./trap.ts";

const REFUSED =
  /Requires (net|import|read) access|is not defined|Cannot import "node:|npm specifiers|remote specifier|Cannot import|not supported|scheme/i;

/** An attempt for each expression, in which HOST is an address that listens: nobody comes there. */
export function reach(ways: Readonly<Record<string, string>>): Attempts {
  return Object.fromEntries(
    Object.entries(ways).map(([name, expression]) => [name, async (arena: Arena) => {
      using trap = new Trap();
      const code = expression.replaceAll("HOST", trap.address);
      assertMatch(errorOf(await arena.evaluate(`return String(await ${code});`)), REFUSED);
      assertEquals(trap.connections, 0);
    }]),
  );
}

/** Fails unless fetching a URL is refused before anything is asked of the network. */
export async function expectFetchRefused(arena: Arena, url: string): Promise<void> {
  assertMatch(
    errorOf(await arena.evaluate(`return (await fetch("${url}")).status;`)),
    /^NotCapable: Requires net access to ".*": deploy with --allow-net /,
  );
}
