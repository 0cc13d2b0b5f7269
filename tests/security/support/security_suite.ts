/**
 * Attempts that share one arena. After each of them the bystander must have noticed nothing, and
 * nothing may be left.
 *
 * What is a matter of safety (what an attempt reaches, requests that are lost, what is left behind)
 * is judged at every try. What is a matter of time is judged by the best of five tries, since a
 * processor that was given to somebody else for some milliseconds looks like harm: the bystander is
 * measured while nothing happens, before the first attempt and again before each further try, and
 * its p99 may then be three times the best of that, at most. Where others kept the machine busy
 * during all of them, their times say nothing, and that is printed.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { ErrorCode } from "../../../errors.ts";
import { ERROR_KINDS } from "../../../errors.ts";
import { usedBytes } from "../../support/growth.ts";
import { type Answer, Arena, type ArenaOptions } from "./arena.ts";
import type { BystanderReport } from "./bystander_worker.ts";
import { isWithin } from "./footprint.ts";
import { foreignShare, readCpuTimes } from "./machine.ts";

/** Attempts by name, made in order. */
export type Attempts = Readonly<Record<string, (arena: Arena) => Promise<void>>>;

/** How long the bystander is measured while nothing happens. */
const QUIET_MS = 400;
/** How long the bystander goes on before it is measured. */
const WARM_UP_MS = 200;
/**
 * A p99 that is no harm yet: of so few requests it is the slowest, on two processors that are busy.
 */
const MIN_P99_MS = 50;
const MAX_PING_MS = 10;
/** An attempt is made so often where its times are too long. */
const TRIES = 5;
/** Times are not judged where others use more of the machine. */
const MAX_FOREIGN_SHARE = 0.2;
/** How long it may take until nothing of an attempt is left. */
const CLEAN_MS = 5_000;
/** What the runtime's heap and buffers may have grown by, garbage left out. */
const MAX_GROWTH_BYTES = 24 * 1024 * 1024;

/** How often garbage is collected until the runtime counts as grown. */
const GC_ROUNDS = 20;

/** What was too slow in a try, and whether others may be the reason. */
interface Slowness {
  readonly what: string;
  readonly isDoubtful: boolean;
}

/** Registers a test with a step for each attempt. */
export function securitySuite(
  name: string,
  attempts: Attempts,
  options: ArenaOptions = {},
): void {
  Deno.test(name, async (t) => {
    await using arena = await Arena.start(options);
    // The first invocations of a runtime take longer.
    await pause(WARM_UP_MS);
    let quiet = await measureQuiet(arena);
    for (const [attemptName, make] of Object.entries(attempts)) {
      await t.step({
        name: attemptName,
        // The runtime starts isolates in advance whenever it likes.
        sanitizeOps: false,
        sanitizeResources: false,
        fn: async () => void (quiet = await tryOut(arena, quiet, () => make(arena))),
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

/** Makes an attempt until its times are good; the quiet figures that they were compared with. */
async function tryOut(
  arena: Arena,
  quiet: BystanderReport,
  make: () => Promise<void>,
): Promise<BystanderReport> {
  const slow: Slowness[] = [];
  while (slow.length < TRIES) {
    if (slow.length > 0) quiet = quieter(quiet, await measureQuiet(arena));
    const found = await observe(arena, quiet, make);
    if (found === undefined) return quiet;
    slow.push(found);
  }
  const judged = slow.find(({ isDoubtful }) => !isDoubtful);
  assert(judged === undefined, judged?.what);
  console.log("    others kept the machine busy in every try: its times are not judged");
  return quiet;
}

/** A pause of the machine is no reason to be content with less. */
function quieter(one: BystanderReport, other: BystanderReport): BystanderReport {
  return one.p99Ms <= other.p99Ms ? one : other;
}

/** Makes an attempt once. Fails where it did harm; what it slowed down is the answer. */
async function observe(
  arena: Arena,
  quiet: BystanderReport,
  make: () => Promise<void>,
): Promise<Slowness | undefined> {
  await arena.settle();
  const before = await arena.footprint();
  const bytesBefore = usedBytes();
  const cpuBefore = await readCpuTimes();
  await arena.bystander.report();
  await make();
  await arena.undeployAll();
  let after = before;
  const cleanFrom = performance.now();
  await until(async () => isWithin(after = await arena.footprint(), before)).catch(() => {});
  const report = await arena.bystander.report();
  const foreign = foreignShare(cpuBefore, await readCpuTimes());
  const grownBytes = await measureGrowth(bytesBefore);
  print(report, quiet, { cleanMs: performance.now() - cleanFrom, grownBytes, foreign });
  assert(isWithin(after, before), `left behind: ${JSON.stringify({ before, after })}`);
  assertEquals(report.lost, []);
  assert(grownBytes < MAX_GROWTH_BYTES, `the runtime grew by ${grownBytes} bytes`);
  const isDoubtful = foreign > MAX_FOREIGN_SHARE;
  if (report.maxPingMs >= MAX_PING_MS) {
    return { what: `a PING took ${report.maxPingMs} ms`, isDoubtful };
  }
  if (report.p99Ms < Math.max(3 * quiet.p99Ms, MIN_P99_MS)) return undefined;
  return { what: `the bystander's p99 was ${report.p99Ms} ms, quiet ${quiet.p99Ms}`, isDoubtful };
}

/** Bytes more than before; garbage does not count where it can be collected (`--expose-gc`). */
async function measureGrowth(bytesBefore: number): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  const grown = () => usedBytes() - bytesBefore;
  if (gc === undefined) return grown();
  // Buffers are given back some time after their owners are collected.
  for (let round = 0; round < GC_ROUNDS && grown() > MAX_GROWTH_BYTES / 2; round++) {
    gc();
    await pause(20);
  }
  return grown();
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
      `${(rest.grownBytes / 2 ** 20).toFixed(0)} MiB more; ` +
      `others used ${(rest.foreign * 100).toFixed(0)} % of the machine`,
  );
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
