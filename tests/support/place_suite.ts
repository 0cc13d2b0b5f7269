/**
 * Tests that hold wherever a function runs: each is a step of one test per topology.
 *
 * @module
 */

import { startClusterPlace } from "./cluster_place.ts";
import { startEngine } from "./start_engine.ts";
import type { TestPlace } from "./test_place.ts";

/** Tests by name, run in order. */
export type PlaceCases = Readonly<Record<string, (place: TestPlace) => Promise<void>>>;

/** Where the same tests pass. */
const TOPOLOGIES: Readonly<Record<string, () => Promise<TestPlace & AsyncDisposable>>> = {
  "one shard": () => startEngine(),
  "a cluster of one": () => startClusterPlace({ shards: 1 }),
  "a cluster of three": () => startClusterPlace({ shards: 3 }),
};

/**
 * Registers a test for each topology, with a step for each case; there is no key when one begins.
 */
export function placeSuite(name: string, cases: PlaceCases): void {
  for (const [topology, start] of Object.entries(TOPOLOGIES)) {
    Deno.test(`${name}, ${topology}`, async (t) => {
      await using place = await start();
      for (const [caseName, run] of Object.entries(cases)) {
        await t.step({
          name: caseName,
          sanitizeOps: false,
          sanitizeResources: false,
          fn: async () => {
            await place.clear();
            await run(place);
          },
        });
      }
    });
  }
}
