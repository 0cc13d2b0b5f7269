/**
 * Short forms for tests of registrations.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { ScriptOptions } from "../../../contract/api/script_outcome.ts";
import type { LibrarySummary } from "../../../contract/api/library_info.ts";
import { deploy } from "../library/library_calls.ts";
import type { TestEngine } from "../../support/start_engine.ts";
import { waitUntil } from "../../support/wait_until.ts";

const IMPORTS = `import { GB, execute, hashtag, log } from "pinion";\n`;

/** Deploys a module that registers, under a name, also where there is one. */
export function deployModule(
  test: TestEngine,
  source: string,
  request: Parameters<typeof deploy>[2] = {},
): Promise<LibrarySummary> {
  return deploy(test, IMPORTS + source, { upgrade: true, ...request });
}

/** Runs a script that registers; the ids of what it registers. */
export async function registerScript(
  test: TestEngine,
  source: string,
  options: ScriptOptions = {},
): Promise<readonly string[]> {
  const outcome = await test.engine.scripts.run(source, options);
  if (outcome.kind === "registered") return outcome.registrations;
  throw new Error(`The script came to ${outcome.kind}`);
}

/** Adds messages `n` from `from` on to a stream. */
export async function addMessages(
  test: TestEngine,
  stream: string,
  count: number,
  from = 0,
): Promise<void> {
  await test.pipeline(
    Array.from({ length: count }, (_, index) => ["XADD", stream, "*", "n", from + index]),
  );
}

/** Waits until a key holds a text. */
export async function untilText(test: TestEngine, key: string, text: string): Promise<void> {
  let last: unknown;
  await waitUntil(async () => (last = await test.ask("GET", key)) === text, 15_000)
    .catch(() => {
      throw new Error(`Expected ${key} to become ${text}, it is ${last}`);
    });
}

/** Ends every library and every kept script. */
export async function undeployAll(test: TestEngine): Promise<void> {
  for (const { id } of test.engine.scripts.listSessions()) {
    await test.engine.libraries.undeploy(id).catch((error) => {
      if (!(error instanceof PinionError) || error.code !== "NO_LIBRARY") throw error;
    });
  }
  await waitUntil(() => test.engine.scripts.listSessions().length === 0);
}
