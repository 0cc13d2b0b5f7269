/**
 * Code that takes memory is stopped at its limit, wherever it takes it.
 *
 * @module
 */

import type { Arena, ArenaOptions } from "./arena.ts";
import { assertRefused, type Attempts } from "./security_suite.ts";

const TOO_MUCH =
  /^The function was stopped: it used \d+ MiB of memory, the limit is 96 MiB \(memoryMb\)$/;

/** Time enough to reach the limit of memory first. */
export const MEMORY_BOMB_OPTIONS: ArenaOptions = {
  limits: { executionTimeoutMs: 10_000, invocationTimeoutMs: 10_000 },
};

/** An attempt for each script. They grow by small steps, so that the machine notices little. */
export function explode(bombs: Readonly<Record<string, string>>): Attempts {
  return Object.fromEntries(
    Object.entries(bombs).map(([name, code]) => [
      name,
      async (arena: Arena) => assertRefused(await arena.run(code), "LIMIT_MEMORY", TOO_MUCH),
    ]),
  );
}
