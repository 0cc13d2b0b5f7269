/**
 * The network between the runtimes of a cluster breaks while an execution runs on all of them. Their
 * Redis is there all the while, so nobody loses a lease.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { DEFAULT_MESH_TIMINGS } from "../../coordinator/mesh/mesh_limits.ts";
import { choosePort } from "../../servers/free_port.ts";
import { ManagedCluster } from "../../servers/managed_cluster.ts";
import type { Engine, ExecutionOutcome } from "../../runtime/engine/engine.ts";
import type { Shard } from "../../runtime/shard.ts";
import { startRuntimeBeside, untilWhole } from "../support/start_cluster.ts";
import { TcpRelay } from "../support/tcp_relay.ts";
import { waitUntil } from "../support/wait_until.ts";

/** A run over every shard that does not end by itself. */
const ENDLESS = `GB("GeneratorReader").repartition((n) => n).run(async function* () {
  for (let n = 0;; n++) { yield n; await new Promise((resolve) => setTimeout(resolve, 1)); }
})`;
const RECORDS = 800;
/** Records that go to other shards while others come, for three seconds or so. */
const NUMBERED = `GB("GeneratorReader").repartition((text) => text).run(async function* () {
  for (let n = 0; n < ${RECORDS}; n++) {
    yield hashtag() + ":" + n;
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
})`;
const SHORT_CUT_MS = 700;

/** Three shards, of which all reach the victim through one relay: it dials nobody itself. */
class PartitionedCluster implements AsyncDisposable {
  readonly shards: readonly Shard[];
  readonly victim: Shard;
  readonly victimId: string;
  readonly relay: TcpRelay;
  readonly engine: Engine;
  readonly #owned: AsyncDisposableStack;

  constructor(
    shards: readonly Shard[],
    victim: { readonly index: number; readonly id: string; readonly relay: TcpRelay },
    owned: AsyncDisposableStack,
  ) {
    this.shards = shards;
    this.victim = shards[victim.index];
    this.victimId = victim.id;
    this.relay = victim.relay;
    this.engine = shards[victim.index === 0 ? 1 : 0].engine;
    this.#owned = owned;
  }

  static async start(): Promise<PartitionedCluster> {
    await using stack = new AsyncDisposableStack();
    const redis = await ManagedCluster.start();
    stack.defer(() => redis.stop());
    const ids = redis.masters.map(({ id }) => id);
    const id = ids.toSorted().at(-1)!;
    const index = ids.indexOf(id);
    const port = choosePort();
    const relay = stack.use(new TcpRelay(() => port, { hostname: "127.0.0.2", port }));
    const shards: Shard[] = [];
    for (const [place, { server }] of redis.masters.entries()) {
      const options = place === index ? { mesh: `127.0.0.1:${port}`, advertise: "127.0.0.2" } : {};
      shards.push(stack.use(await startRuntimeBeside(server.url, [], options)));
    }
    await untilWhole(shards);
    return new PartitionedCluster(shards, { index, id, relay }, stack.move());
  }

  setIdleMs(idleMs: number): void {
    for (const { engine } of this.shards) engine.config.set("ExecutionMaxIdleTime", `${idleMs}`);
  }

  async run(source: string): Promise<ExecutionOutcome> {
    const outcome = await this.engine.runScript(source, {});
    assert(outcome.kind === "done");
    return outcome.outcome;
  }

  /** Starts a run and waits until it runs everywhere. */
  async begin(source: string): Promise<{ readonly outcome: Promise<ExecutionOutcome> }> {
    const outcome = this.run(source);
    outcome.catch(() => {});
    await waitUntil(() => this.isRunning);
    return { outcome };
  }

  /** Whether a run is under way on every shard. */
  get isRunning(): boolean {
    return this.shards.every(({ engine }) =>
      engine.listExecutions().some(({ status }) => status === "running")
    );
  }

  /** Waits until nothing of a run is left on any shard, also where its initiator is not heard. */
  async untilQuiet(): Promise<void> {
    for (const { engine } of this.shards) {
      await waitUntil(() => engine.listSessions().length === 0, 10_000);
    }
  }

  /** Whether the victim is linked, as the initiator sees it; how often it was linked again. */
  async linkOf(): Promise<{ readonly isLinked: boolean; readonly reconnects: number }> {
    const { myId, shards } = await this.engine.clusterStatus();
    const links = shards.find(({ id }) => id === myId)?.links ?? [];
    return links.find(({ shardId }) => shardId === this.victimId)!;
  }

  /** Every record of every shard has to arrive, once. */
  assertWhole({ results, errors }: ExecutionOutcome): void {
    assertEquals(errors, []);
    assertEquals([results.length, new Set(results).size], [3 * RECORDS, 3 * RECORDS]);
  }

  async runWhole(): Promise<void> {
    await untilWhole(this.shards);
    const { outcome } = await this.begin(NUMBERED);
    this.assertWhole(await outcome);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

const CASES: Readonly<Record<string, (cluster: PartitionedCluster) => Promise<void>>> = {
  "a shard that is cut off is named within the idle limit; the next run is whole": async (
    cluster,
  ) => {
    const idleMs = 2_000;
    cluster.setIdleMs(idleMs);
    const { outcome } = await cluster.begin(ENDLESS);
    const startedAt = performance.now();
    cluster.relay.refuse();
    try {
      const { errors } = await outcome;
      assertLess(performance.now() - startedAt, idleMs + 2_000);
      assertEquals(errors.length, 1);
      assert(errors[0].includes(cluster.victimId), errors[0]);
      await cluster.untilQuiet();
      // Longer than a peer may be silent: what both sides had with each other is over.
      await new Promise((resolve) => setTimeout(resolve, DEFAULT_MESH_TIMINGS.lostAfterMs));
      const refused = await cluster.run(`GB("ShardsIDReader").run()`);
      assertEquals(refused.errors.length, 1);
      assert(refused.errors[0].includes(cluster.victimId), refused.errors[0]);
    } finally {
      cluster.relay.open();
    }
    await cluster.runWhole();
  },

  "a cable that is pulled ends the run when the peer is lost": async (cluster) => {
    cluster.setIdleMs(60_000);
    const { outcome } = await cluster.begin(ENDLESS);
    cluster.relay.freeze();
    try {
      const { errors } = await outcome;
      assertEquals(errors.length, 1);
      assert(errors[0].includes(cluster.victimId), errors[0]);
      await cluster.untilQuiet();
    } finally {
      cluster.relay.thaw();
      cluster.relay.cut();
    }
    cluster.setIdleMs(5_000);
    await cluster.runWhole();
  },

  "a short cut is not noticed: every record arrives, once": async (cluster) => {
    cluster.setIdleMs(10_000);
    const { reconnects } = await cluster.linkOf();
    const { outcome } = await cluster.begin(NUMBERED);
    cluster.relay.refuse();
    await new Promise((resolve) => setTimeout(resolve, SHORT_CUT_MS));
    assertEquals((await cluster.linkOf()).isLinked, false);
    cluster.relay.open();
    await waitUntil(async () => (await cluster.linkOf()).isLinked, 10_000);
    // And once more, without a pause, while the rest is on its way.
    assert(cluster.isRunning, "the run was over before the second cut");
    cluster.relay.cut();
    cluster.assertWhole(await outcome);
    assertGreater((await cluster.linkOf()).reconnects, reconnects);
    await cluster.untilQuiet();
  },
};

Deno.test("partitions during distributed executions", async (t) => {
  await using cluster = await PartitionedCluster.start();
  for (const [name, run] of Object.entries(CASES)) {
    await t.step({ name, sanitizeOps: false, sanitizeResources: false, fn: () => run(cluster) });
  }
});
