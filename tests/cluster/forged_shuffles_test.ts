/**
 * Messages about shuffles that the sandbox never sends: what is impossible ends the isolate, on
 * whichever shard it is, and with it the execution; what names others' work reaches nobody.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { PinionError } from "../../errors.ts";
import { slotTag } from "../../redis/slots.ts";
import { FORGE } from "../security/support/forge.ts";
import { startCluster, type TestCluster } from "../support/start_cluster.ts";
import { waitUntil } from "../support/wait_until.ts";

/** The first slot of each of the two shards. */
const FIRST_SLOTS = [0, 8192];
/** A batch of one record. */
const BATCH = "new Uint8Array([0x92, 0x91, 0x01, 0xc0])";
const WITHIN = "executionId: ID, shuffle: 0";

/** Each ends the isolate. SELF and OTHER are the numbers of its shard and of the other one. */
const IMPOSSIBLE = {
  "a batch for a shuffle that is none":
    `{ type: "shuffle", executionId: ID, shuffle: 1, target: OTHER, records: ${BATCH} }`,
  "the end of a shuffle that is none": `{ type: "shuffleEnd", executionId: ID, shuffle: 1 }`,
  "a batch for itself": `{ type: "shuffle", ${WITHIN}, target: SELF, records: ${BATCH} }`,
  "a batch for a shard that is none":
    `{ type: "shuffle", ${WITHIN}, target: 2, records: ${BATCH} }`,
  "a batch after the end":
    `{ type: "shuffleEnd", ${WITHIN} }, { type: "shuffle", ${WITHIN}, target: OTHER, records: ${BATCH} }`,
  "a second end": `{ type: "shuffleEnd", ${WITHIN} }, { type: "shuffleEnd", ${WITHIN} }`,
  "more than the window lets go":
    `...Array(40).fill({ type: "shuffle", ${WITHIN}, target: OTHER, records: new Uint8Array(65536) })`,
  "credit that was never owed": `{ type: "took", ${WITHIN}, source: OTHER, bytes: 1e9 }`,
  "credit to a shard that is none": `{ type: "took", ${WITHIN}, source: 7, bytes: 1 }`,
  "a batch of no bytes": `{ type: "shuffle", ${WITHIN}, target: OTHER, records: "x" }`,
};

/** A script that forges messages on one shard. */
function script(messages: string, on: number, executionId: string): string {
  return `${FORGE}
    GB("GeneratorReader").map(async () => {
      if (hashtag() !== "${slotTag(FIRST_SLOTS[on])}") return 1;
      const [ID, SELF, OTHER] = ["${executionId}", ${on}, ${1 - on}];
      forge(${messages});
      await new Promise((resolve) => setTimeout(resolve, 300));
      return 2;
    }).repartition((n) => n).run(() => [0]);`;
}

/** Of the next execution that a shard begins: its number can be guessed. */
async function nextExecution({ shards: [{ engine }] }: TestCluster): Promise<string> {
  const outcome = await engine.scripts.run("GB('ShardsIDReader').run()", {});
  assert(outcome.kind === "done");
  const { executionId } = outcome;
  const at = executionId.lastIndexOf("-") + 1;
  return executionId.slice(0, at) + (Number(executionId.slice(at)) + 1);
}

/** Somebody else's run, meanwhile: every record of it counts. */
function runNeighbour(cluster: TestCluster): Promise<unknown> {
  return cluster.run(
    `GB("GeneratorReader").repartition((n) => n).count().run(async function* () {
      for (let n = 0; n < 100; n++) {
        yield n;
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    })`,
    {},
    1,
  );
}

Deno.test("forged messages about shuffles", async (t) => {
  await using cluster = await startCluster({ shards: 2 });
  const step = (name: string, fn: () => Promise<void>) =>
    t.step({ name, sanitizeOps: false, sanitizeResources: false, fn });
  const ids = cluster.redis.masters.map(({ id }) => id);
  const isQuiet = () =>
    cluster.shards.every(({ engine }) => engine.scripts.listSessions().length === 0);

  for (const [name, messages] of Object.entries(IMPOSSIBLE)) {
    for (const on of [0, 1]) {
      await step(`${name}, from the ${on === 0 ? "initiator" : "worker shard"}`, async () => {
        const source = script(messages, on, await nextExecution(cluster));
        const neighbour = runNeighbour(cluster);
        const error = await cluster.run(source).then(() => null, (error) => error);
        assert(error instanceof PinionError, Deno.inspect(error));
        assertEquals(error.code, "ISOLATE_DIED");
        assertMatch(error.message, /its code broke the sandbox it runs in$/);
        assertEquals(error.message.startsWith(`Shard ${ids[1]}: `), on === 1);
        const { results, errors } = await neighbour as Record<string, unknown[]>;
        assertEquals([results, errors], [[200], []]);
        await waitUntil(isQuiet);
      });
    }
  }

  await step("messages about another session's shuffle", async () => {
    const { engine } = cluster.shards[1];
    const neighbour = runNeighbour(cluster);
    await waitUntil(() => engine.executions.list().some(({ status }) => status === "running"));
    const victim = engine.executions.list().find(({ status }) => status === "running")!;
    const forged = script(
      `{ type: "shuffle", ${WITHIN}, target: OTHER, records: ${BATCH} },
       { type: "took", ${WITHIN}, source: OTHER, bytes: 1e9 },
       { type: "shuffleEnd", ${WITHIN} }`,
      0,
      victim.executionId,
    );
    assertEquals((await cluster.run(forged)).results.toSorted(), [1, 2]);
    const { results, errors } = await neighbour as Record<string, unknown[]>;
    assertEquals([results, errors], [[200], []]);
  });

  await step("a batch that cannot be decoded ends the execution, and no more", async () => {
    const id = await nextExecution(cluster);
    const forged = `{ type: "shuffle", ${WITHIN}, target: OTHER, records: new Uint8Array([0xc1]) }`;
    const neighbour = runNeighbour(cluster);
    const outcome = await cluster.run(script(forged, 0, id)).catch((error) => error);
    assert(outcome instanceof PinionError || outcome.errors.length > 0, Deno.inspect(outcome));
    const { results, errors } = await neighbour as Record<string, unknown[]>;
    assertEquals([results, errors], [[200], []]);
    await waitUntil(isQuiet);
  });
});
