/**
 * `pinion registrations` on terminals of different sizes.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  type ClusterRegistration,
  type FoundRegistrations,
  together,
} from "../../cli/registrations/all_shards.ts";
import { renderRegistrations } from "../../cli/registrations/registration_view.ts";
import { createStyle } from "../../cli/ui/style.ts";

const STYLE = createStyle(false);

Deno.test("registrations: lines fit the terminal, whatever its width", () => {
  const found = foundOf([
    registration("a".repeat(90), { lastError: "failed ".repeat(40), numFailures: 3 }),
    registration("b", { reason: "with\ttabs\nand\x1b[31m more" }),
  ]);
  for (const columns of [80, 120, 170]) {
    const lines = renderRegistrations(found, found, { interactive: true, columns, style: STYLE });
    assert(lines.every((line) => line.length <= columns), lines.join("\n"));
    assertEquals(lines.at(-1), "lib/b: with tabs and\\x1b[31m more");
  }
});

Deno.test("registrations: where there are many, those that need a look come first", () => {
  const all = Array.from({ length: 40 }, (_, n) => registration(`n${n}`, { numTriggered: n * 10 }));
  const aborted = registration("aborted", { status: "ABORTED", reason: "it threw" });
  const now = { ...foundOf([...all, aborted]), at: 1_000 };
  const before = foundOf([...all.map((one) => ({ ...one, numTriggered: 0 })), aborted]);
  const screen = { interactive: true, columns: 120, rows: 24, style: STYLE };
  const lines = renderRegistrations(now, before, screen);
  assert(lines.length < 24, `${lines.length} lines`);
  const rows = lines.filter((line) => line.startsWith("│ lib/")).map((line) => line.split(" ")[1]);
  assertEquals(rows.slice(0, 3), ["lib/aborted", "lib/n39", "lib/n38"]);
  assert(lines.some((line) => /and \d+ registrations more/.test(line)));
  assertEquals(lines.at(-1), "lib/aborted: it threw");
});

Deno.test("registrations: no rate where the shards that answer are others", () => {
  const one = registration("one", { numTriggered: 90 });
  const now = { ...foundOf([one]), at: 1_000 };
  const before = { ...foundOf([{ ...one, numTriggered: 10 }]), silent: ["shard"] };
  const screen = { interactive: false, columns: 120, style: STYLE };
  assertEquals(renderRegistrations(now, before, screen)[0].split("\t")[3], "");
  before.silent.pop();
  assertEquals(renderRegistrations(now, before, screen)[0].split("\t")[3], "80/s");
});

Deno.test("registrations: in an order that outlives a restart", () => {
  const made = (library: string, id: string) => ({ ...registration(id, {}), library });
  const shard = [made("b", "s-2"), made("a", "s-10"), made("a", "s-9")];
  const listed = together([shard, shard.toReversed()]);
  assertEquals(listed.map(({ id, shards }) => [id, shards]), [["s-9", 2], ["s-10", 2], ["s-2", 2]]);
});

function foundOf(registrations: readonly ClusterRegistration[]): FoundRegistrations {
  return { registrations, silent: [], at: 0 };
}

function registration(name: string, given: Partial<ClusterRegistration>): ClusterRegistration {
  return {
    ...{ id: name, library: "lib", name, mode: "async", status: "OK", backlog: 0, source: "" },
    trigger: { reader: "CommandReader", trigger: name, inorder: false },
    failure: {
      ...{ policy: "continue", retryIntervalMs: 1, maxRetryIntervalMs: 1, attempts: 1 },
      deadLetters: 0,
    },
    ...{ numTriggered: 0, numSuccess: 0, numFailures: 0, numAborted: 0, numSkipped: 0 },
    ...{ lastRunDurationMs: 0, totalRunDurationMs: 0, avgRunDurationMs: 0 },
    ...{ lastEstimatedLagMs: 0, avgEstimatedLagMs: 0, lastError: null, shards: 1 },
    ...given,
  };
}
