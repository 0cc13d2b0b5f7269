/**
 * Tests that share one engine: each is a step of one test, which checks that nothing is left at its
 * end. A step by itself is not checked: the engine starts isolates in advance whenever it likes.
 *
 * @module
 */

import { startEngine, type TestEngine, type TestEngineOptions } from "./start_engine.ts";

/** Tests by name, run in order. */
export type Cases = Readonly<Record<string, (test: TestEngine) => Promise<void>>>;

/** Registers a test with a step for each case; Redis is empty when a case begins. */
export function engineSuite(name: string, cases: Cases, options: TestEngineOptions = {}): void {
  Deno.test(name, async (t) => {
    await using test = await startEngine(options);
    for (const [caseName, run] of Object.entries(cases)) {
      await t.step({
        name: caseName,
        sanitizeOps: false,
        sanitizeResources: false,
        fn: async () => {
          await test.ask("FLUSHALL");
          await run(test);
        },
      });
    }
  });
}
