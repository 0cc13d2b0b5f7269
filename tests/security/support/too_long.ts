/**
 * Code that does not give the processor back, or its caller an answer, ends at its limit of time.
 *
 * @module
 */

import { assert } from "@std/assert";
import type { Arena } from "./arena.ts";
import { assertRefused } from "./security_suite.ts";

/** What is said then, at the limit that an arena has. */
export const TOO_LONG = /^The function was stopped: .* took longer than 600 ms \(\w+\)$/;
const MAX_ELAPSED_MS = 3_000;

/** Fails unless such code, as a script, is stopped in time. */
export async function expectStopped(arena: Arena, code: string): Promise<void> {
  const answer = await arena.run(code);
  assertRefused(answer, "LIMIT_TIME", TOO_LONG);
  assert(answer.elapsedMs < MAX_ELAPSED_MS, `it took ${answer.elapsedMs} ms`);
}
