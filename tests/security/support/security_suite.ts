/**
 * Attempts that share one arena. After each of them the bystander must have noticed nothing, and
 * nothing may be left.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { ErrorCode } from "../../../errors.ts";
import { ERROR_KINDS } from "../../../errors.ts";
import { type Answer, Arena, type ArenaOptions } from "./arena.ts";
import type { BystanderReport } from "./bystander_worker.ts";
import { isWithin } from "./footprint.ts";
import { foreignShare, readCpuTimes } from "./machine.ts";

/** Attempts by name, made in order. */
export type Attempts = Readonly<Record<string, (arena: Arena) => Promise<void>>>;

/** How long the bystander is measured while nothing happens. */
const QUIET_MS = 300;
/** The bystander's p99 may be three times its quiet value, and this is no noise yet. */
const MIN_P99_MS = 100;
const MAX_PING_MS = 100;
/** An attempt is made so often where its times are too long. */
const TRIES = 3;
/** Times are not judged where others use more of the machine. */
const MAX_FOREIGN_SHARE = 0.1;
/** How long it may take until nothing of an attempt is left. */
const CLEAN_MS = 5_000;
/** What the garbage collector may leave for later. */
const MAX_GROWTH_BYTES = 256 * 1024 * 1024;

/** Registers a test with a step for each attempt. */
export function securitySuite(
  name: string,
  attempts: Attempts,
  options: ArenaOptions = {},
): void {
  Deno.test(name, async (t) => {
    await using arena = await Arena.start(options);
    let quiet = await measureQuiet(arena);
    for (const [attemptName, make] of Object.entries(attempts)) {
      await t.step({
        name: attemptName,
        // The runtime starts isolates in advance whenever it likes.
        sanitizeOps: false,
        sanitizeResources: false,
        fn: async () => {
          for (let tries = 1;; tries++) {
            const slow = await observe(arena, quiet, () => make(arena));
            if (slow === undefined) return;
            assert(tries < TRIES, slow);
            quiet = await measureQuiet(arena);
          }
        },
      });
    }
  });
}

/** Fails unless an answer is the problem document of `code` with such a text. */
export function assertRefused(answer: Answer, code: ErrorCode, detail: RegExp): void {
  const { status, body } = answer;
  assertEquals([status, body?.code], [ERROR_KINDS[code].http, code], answer.excerpt);
  assertMatch(answer.body.detail, detail);
}

/** Fails unless a limit ended it, whichever of those that the attempt runs into comes first. */
export function assertLimited(answer: Answer): void {
  assertMatch(answer.body?.code, /^LIMIT_(CPU|MEMORY|RESULT|TIME)$/, answer.excerpt);
  assertMatch(answer.body.detail, /^The (function|execution) was stopped: /);
}

/** The one result of a script. */
export function resultOf(answer: Answer): unknown {
  assertEquals(answer.status, 200, answer.excerpt);
  assertEquals(answer.body.errors, [], answer.excerpt);
  return answer.body.results[0];
}

/** The one error among the results of a script. */
export function errorOf(answer: Answer): string {
  assertEquals(answer.status, 200, answer.excerpt);
  assertEquals(answer.body.errors.length, 1, answer.excerpt);
  return answer.body.errors[0];
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + CLEAN_MS;
  while (!await condition()) {
    assert(performance.now() < end, "the condition never held");
    await pause(5);
  }
}

async function measureQuiet({ bystander }: Arena): Promise<BystanderReport> {
  await bystander.report();
  await pause(QUIET_MS);
  return await bystander.report();
}

/** Makes an attempt. Fails where it did harm; what it slowed down is the answer. */
async function observe(
  arena: Arena,
  quiet: BystanderReport,
  make: () => Promise<void>,
): Promise<string | undefined> {
  const before = await arena.footprint();
  const bytesBefore = Deno.memoryUsage().rss;
  const cpuBefore = await readCpuTimes();
  await arena.bystander.report();
  await make();
  await arena.undeployAll();
  let after = before;
  const cleanFrom = performance.now();
  await until(async () => isWithin(after = await arena.footprint(), before)).catch(() => {});
  const report = await arena.bystander.report();
  const grownBytes = Deno.memoryUsage().rss - bytesBefore;
  const foreign = foreignShare(cpuBefore, await readCpuTimes());
  print(report, quiet, { cleanMs: performance.now() - cleanFrom, grownBytes, foreign });
  assert(isWithin(after, before), `left behind: ${JSON.stringify({ before, after })}`);
  assertEquals(report.lost, []);
  assert(grownBytes < MAX_GROWTH_BYTES, `the runtime grew by ${grownBytes} bytes`);
  if (foreign > MAX_FOREIGN_SHARE) return undefined;
  if (report.maxPingMs >= MAX_PING_MS) return `a PING took ${report.maxPingMs} ms`;
  const isSlow = report.p99Ms >= Math.max(3 * quiet.p99Ms, MIN_P99_MS);
  return isSlow ? `the bystander's p99 was ${report.p99Ms} ms` : undefined;
}

function print(
  { requests, lost, p99Ms, maxPingMs }: BystanderReport,
  quiet: BystanderReport,
  rest: { readonly cleanMs: number; readonly grownBytes: number; readonly foreign: number },
): void {
  console.log(
    `    bystander lost ${lost.length} of ${requests}, p99 ${p99Ms.toFixed(1)} ms ` +
      `(quiet ${quiet.p99Ms.toFixed(1)}), PING max ${maxPingMs.toFixed(1)} ms; ` +
      `clean after ${rest.cleanMs.toFixed(0)} ms, ` +
      `${(rest.grownBytes / 2 ** 20).toFixed(0)} MiB more` +
      (rest.foreign > MAX_FOREIGN_SHARE
        ? ` (others use ${(rest.foreign * 100).toFixed(0)} % of the machine: times are not judged)`
        : ""),
  );
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
