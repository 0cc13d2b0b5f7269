import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { ManagedCluster } from "../../servers/managed_cluster.ts";
import type { Engine, ExecutionOutcome } from "../../runtime/engine/engine.ts";
import type { Shard } from "../../runtime/shard.ts";
import { type RuntimeProcess, startRuntime } from "../cli/runtime_process.ts";
import { isolatePids } from "../support/isolate_processes.ts";
import { startRuntimeBeside } from "../support/start_cluster.ts";
import { waitUntil } from "../support/wait_until.ts";

const IDLE_MS = 2_000;
/** A run over every shard that does not end by itself; the first results come at once. */
const ENDLESS = `GB("GeneratorReader").repartition((n) => n).run(async function* () {
  for (let n = 0;; n++) { yield n; await new Promise((resolve) => setTimeout(resolve, 1)); }
})`;

/** Three shards: the runtimes of the first two in this process, the third one's in its own. */
class FaultyCluster implements AsyncDisposable {
  readonly redis: ManagedCluster;
  readonly shards: readonly Shard[];
  victim: RuntimeProcess;

  constructor(redis: ManagedCluster, shards: readonly Shard[], victim: RuntimeProcess) {
    this.redis = redis;
    this.shards = shards;
    this.victim = victim;
  }

  static async start(): Promise<FaultyCluster> {
    const redis = await ManagedCluster.start({ nodeTimeoutMs: 60_000 });
    const [first, second, third] = redis.masters.map(({ server }) => server.url);
    const shards = [await startRuntimeBeside(first), await startRuntimeBeside(second)];
    const cluster = new FaultyCluster(redis, shards, await startRuntime(["--redis", third]));
    await cluster.untilWhole();
    for (const { engine } of shards) engine.config.set("ExecutionMaxIdleTime", `${IDLE_MS}`);
    return cluster;
  }

  get engine(): Engine {
    return this.shards[0].engine;
  }

  get victimId(): string {
    return this.redis.masters[2].id;
  }

  /** Starts a run and waits until it runs everywhere; what it comes to, and how long that takes. */
  async begin(source = ENDLESS): Promise<() => Promise<ExecutionOutcome & { tookMs: number }>> {
    const running = this.engine.runScript(source, {});
    let early: unknown;
    running.then((outcome) => early = outcome, (error) => early = error);
    await waitUntil(async () => {
      if (early !== undefined) throw new Error(`It ended at once: ${Deno.inspect(early)}`);
      const execution = this.engine.listExecutions().at(-1);
      if (execution?.status !== "running") return false;
      const { shards } = await this.engine.getExecution(execution.executionId);
      return shards.length === 3 && shards.every(({ status }) => status === "running");
    });
    const started = performance.now();
    return async () => {
      const outcome = await running;
      assert(outcome.kind === "done");
      return { ...outcome.outcome, tookMs: performance.now() - started };
    };
  }

  /** Waits until a run over all shards succeeds. */
  async untilWhole(): Promise<void> {
    await waitUntil(async () => {
      try {
        const outcome = await this.engine.runScript(`GB("ShardsIDReader").run()`, {});
        return outcome.kind === "done" && outcome.outcome.results.length === 3;
      } catch {
        return false;
      }
    }, 30_000);
  }

  /** Waits until nothing of a run is left on the shards of this process. */
  async untilQuiet(): Promise<void> {
    for (const { engine } of this.shards) {
      await waitUntil(() => engine.listSessions().length === 0);
      await waitUntil(() => engine.listExecutions().every(({ status }) => status === "aborted"));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.victim[Symbol.asyncDispose]();
    for (const shard of this.shards) await shard[Symbol.asyncDispose]();
    await this.redis.stop();
  }
}

const CASES: Readonly<Record<string, (cluster: FaultyCluster) => Promise<void>>> = {
  "a runtime that is killed is named, at once, and its isolates go with it": async (cluster) => {
    const outcome = await cluster.begin();
    const isolates = await isolatePids(cluster.victim.ready.pid);
    await cluster.victim.stop("SIGKILL");
    const { errors, tookMs } = await outcome();
    assertLess(tookMs, IDLE_MS + 3_000);
    assertEquals(errors.length, 1);
    assert(errors[0].includes(cluster.victimId), errors[0]);
    await cluster.untilQuiet();
    assert(isolates.length > 0);
    for (const pid of isolates) await waitUntil(() => !isAlive(pid));
    cluster.victim = await startRuntime(["--redis", cluster.redis.masters[2].server.url]);
    await cluster.untilWhole();
  },

  "a runtime that hangs is named within the idle limit, and lets its part go later": async (
    cluster,
  ) => {
    const outcome = await cluster.begin();
    Deno.kill(cluster.victim.ready.pid, "SIGSTOP");
    try {
      const { errors, tookMs } = await outcome();
      assertLess(tookMs, IDLE_MS + 2_000);
      assertEquals(errors.length, 1);
      assert(errors[0].includes(cluster.victimId), errors[0]);
      await cluster.untilQuiet();
    } finally {
      Deno.kill(cluster.victim.ready.pid, "SIGCONT");
    }
    await cluster.untilWhole();
    await waitUntil(async () => (await isolatePids(cluster.victim.ready.pid)).length <= 1, 15_000);
  },

  "a Redis that hangs is named as its shard": async (cluster) => {
    const outcome = await cluster.begin();
    const { pid } = cluster.redis.masters[2].server;
    Deno.kill(pid, "SIGSTOP");
    try {
      const { errors, tookMs } = await outcome();
      assertLess(tookMs, IDLE_MS + 2_000);
      assert(errors[0].includes(cluster.victimId), errors[0]);
      await cluster.untilQuiet();
    } finally {
      Deno.kill(pid, "SIGCONT");
    }
    await cluster.untilWhole();
  },

  "an isolate that dies ends the run with its shard's name": async (cluster) => {
    const running = cluster.begin();
    const outcome = await running;
    // One of them runs the part, the other waits for the next run.
    for (const pid of await isolatePids(cluster.victim.ready.pid)) Deno.kill(pid, "SIGKILL");
    const error = await outcome().then(() => null, (error) => error);
    assertMatch(`${error}`, new RegExp(`Shard ${cluster.victimId}`));
    await cluster.untilQuiet();
    await cluster.untilWhole();
  },

  "parts of an initiator that is killed end on the other shards": async (cluster) => {
    const script = new AbortController();
    const running = fetch(`${cluster.victim.url}/v1/run`, {
      method: "POST",
      body: ENDLESS,
      signal: script.signal,
    }).then((response) => response.body?.cancel(), () => {});
    const parts = () => cluster.shards.map(({ engine }) => engine.listSessions().length);
    await waitUntil(() => parts().join() === "1,1");
    await cluster.victim.stop("SIGKILL");
    await waitUntil(() => parts().join() === "0,0", 15_000);
    script.abort();
    await running;
    cluster.victim = await startRuntime(["--redis", cluster.redis.masters[2].server.url]);
    await cluster.untilWhole();
  },
};

function isAlive(pid: number): boolean {
  try {
    return Deno.statSync(`/proc/${pid}`).isDirectory;
  } catch {
    return false;
  }
}

Deno.test("faults of distributed executions", async (t) => {
  await using cluster = await FaultyCluster.start();
  for (const [name, run] of Object.entries(CASES)) {
    await t.step({
      name,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: () => run(cluster),
    });
  }
});
