/**
 * The table of limits is the same in the code, over HTTP and on the command line. That
 * docs/limits.md has it is a test of `tests/docs/`.
 *
 * @module
 */

import { buildIsolate } from "../../tools/build/bundle_isolate.ts";
import { assert, assertEquals } from "@std/assert";
import { resolveConfig } from "../../runtime/base/config.ts";
import { DEFAULT_LIMITS } from "../../contract/isolate/session_limits.ts";
import { formatLimit } from "../../contract/api/limit_row.ts";
import { listLimits } from "../../runtime/engine/api/limit_table.ts";
import { startRuntime } from "../support/start_runtime.ts";

// Runtimes that are started from here refuse a bundle that is older than its sources.
await buildIsolate();

const ROOT = new URL("../../", import.meta.url);
const DEFAULTS = listLimits(resolveConfig({ redis: "redis://127.0.0.1:6379" }));

Deno.test("the defaults are those that hold", () => {
  for (const [name, value] of Object.entries(DEFAULT_LIMITS)) {
    assertEquals(DEFAULTS.find((row) => row.name === name)?.value, value, name);
  }
});

Deno.test("a runtime shows its own values over HTTP and on the command line", async () => {
  await using runtime = await startRuntime({ limits: { memoryMb: 123 }, maxClients: 77 });
  const response = await fetch(`${runtime.http}/v1/limits`);
  const rows: typeof DEFAULTS = await response.json();
  const values = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  assertEquals([values.memoryMb, values.maxClients], [123, 77]);
  assertEquals(rows.map(({ name }) => name), DEFAULTS.map(({ name }) => name));
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("cli/main.ts", ROOT).pathname, "limits", "--url", runtime.http],
  }).output();
  assert(success);
  const shown = new TextDecoder().decode(stdout);
  for (const row of rows) assert(shown.includes(`${row.name}\t${formatLimit(row)}\t`), row.name);
});
