/**
 * The course of the demo: servers up, data in, the scenes, all down again.
 *
 * @module
 */

import { PROGRAM, TASK } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { ManagedServer } from "../../servers/managed_server.ts";
import { parseRedisUrl } from "../../redis/redis_url.ts";
import type { ShardReady } from "../../contract/api/shard_ready.ts";
import { LocalCluster } from "../cluster/local_cluster.ts";
import { Client } from "../base/client.ts";
import type { CommandContext } from "../base/cli_command.ts";
import { untilAborted } from "../base/interrupts.ts";
import { renderBox } from "../ui/box.ts";
import { formatDuration, formatNumber } from "../ui/format.ts";
import type { Output } from "../ui/output.ts";
import { loadDemoData, type LoadedData, removeDemoData, requireNoDemoData } from "./demo_data.ts";
import { connectRedis, DemoStore } from "./demo_store.ts";
import type { SceneOutcome, Stage } from "./scene.ts";
import { DEMO_LIBRARY, readSource, SCENES } from "./scenes.ts";
import { showOutcome, showScene } from "./show_scene.ts";
import { PREMIERES_LIBRARY } from "./stream_scene.ts";

/** The output of `demo --json`. */
export interface DemoReport {
  /** Address of the Redis that it was played on: with `keep`, its keys are still there. */
  readonly redis: string;
  readonly resp: string;
  readonly http: string;
  /** Keys that were loaded, and the time that it took. */
  readonly data: LoadedData & { readonly ms: number };
  readonly scenes: readonly (SceneOutcome & { readonly name: string })[];
  readonly ms: number;
}

/** Addresses of the shards that the demo is played on. */
type Places = Pick<ShardReady, "redis" | "resp" | "http">;

/** Any free port of this machine. */
const ANY_PORT = "127.0.0.1:0";

/**
 * Plays it. With `keep` it reports by itself, then waits for Ctrl-C.
 *
 * @throws the runtime's error of the first scene that fails
 */
export async function playDemo(
  options: { readonly redis?: string; readonly shards?: number; readonly keep: boolean },
  { output, signal }: CommandContext,
): Promise<DemoReport | undefined> {
  const startedAt = performance.now();
  await using owned = new AsyncDisposableStack();
  const { ready, stage } = await setStage(owned, options, { output, signal });
  if (!output.json) showStage(ready, options.shards, output);
  const data = await load(stage.store, output);
  const scenes = await playScenes(stage, output);
  const ms = performance.now() - startedAt;
  const report = { redis: ready.redis, resp: ready.resp, http: ready.http, data, scenes, ms };
  if (!output.json) showEnd(ms, output);
  if (!options.keep) {
    if (!output.json) showNext(output);
    return report;
  }
  await loadDemoData(stage.store); // what the last scene deleted is there again
  if (output.json) output.printJson(report);
  else showWayIn(stage, output);
  await untilAborted(signal);
  return undefined;
}

/** Starts what is needed; `owned` takes it down again, data and library too. */
async function setStage(
  owned: AsyncDisposableStack,
  { redis, shards }: { readonly redis?: string; readonly shards?: number },
  { output, signal }: Pick<CommandContext, "output" | "signal">,
): Promise<{ ready: Places; stage: Stage }> {
  const ready = shards === undefined
    ? await startOne(owned, redis, { output, signal })
    : await startCluster(owned, shards, { output, signal });
  const store = owned.use(await DemoStore.connect(parseRedisUrl(ready.redis)));
  owned.defer(() => removeDemoData(store));
  const client = new Client({ url: `http://${ready.http}`, token: undefined });
  owned.defer(() => undeployDemo(client));
  const resp = owned.adopt(connectRedis(parseRedisUrl(ready.resp)), (redis) => redis.disconnect());
  return { ready, stage: { client, resp, store, respAddress: ready.resp, signal } };
}

/** A runtime beside a Redis: the given one, or one of its own. */
async function startOne(
  owned: AsyncDisposableStack,
  givenRedis: string | undefined,
  { output, signal }: Pick<CommandContext, "output" | "signal">,
): Promise<Places> {
  const redis = givenRedis ?? await startRedis(owned, output, signal);
  if (givenRedis !== undefined) {
    using store = await DemoStore.connect(parseRedisUrl(redis));
    await requireNoDemoData(store);
  }
  const options = { resp: ANY_PORT, http: ANY_PORT, mesh: ANY_PORT };
  // Loaded here, so that the other commands start without the runtime.
  const { startShard } = await import("../../runtime/shard.ts");
  const { ready } = owned.use(await startShard({ redis, ...options }));
  return { ...ready, redis };
}

/** A cluster with a runtime beside each shard; where the first one is. */
async function startCluster(
  owned: AsyncDisposableStack,
  shards: number,
  context: Pick<CommandContext, "output" | "signal">,
): Promise<Places> {
  const options = { shards, replicas: 0, token: undefined, ...context };
  return owned.use(await LocalCluster.start(options)).ready[0];
}

async function playScenes(stage: Stage, output: Output): Promise<DemoReport["scenes"]> {
  const scenes: (SceneOutcome & { name: string })[] = [];
  for (const scene of SCENES) {
    stage.signal.throwIfAborted();
    const source = await readSource(scene);
    if (!output.json) showScene(scene, source, stage, output);
    const outcome = await scene.play(stage, source);
    if (!output.json) showOutcome(outcome, output);
    scenes.push({ name: scene.name, ...outcome });
  }
  return scenes;
}

async function startRedis(
  owned: AsyncDisposableStack,
  output: Output,
  signal: AbortSignal,
): Promise<string> {
  const server = owned.use(
    await ManagedServer.start({
      installIfMissing: true,
      onMessage: (line) => output.note(line),
      signal,
    }),
  );
  return server.url;
}

function showStage(
  { redis, resp, http }: Places,
  shards: number | undefined,
  output: Output,
): void {
  const { green } = output.style;
  if (shards !== undefined) {
    output.print(`${green("✔")} a Redis cluster of ${shards} shards, a runtime beside each`);
    output.print(`${green("✔")} this one beside ${redis}: RESP at ${resp}, HTTP at ${http}`);
    return;
  }
  output.print(`${green("✔")} a Redis at ${redis}`);
  output.print(`${green("✔")} a runtime beside it: RESP at ${resp}, HTTP at ${http}`);
}

async function load(store: DemoStore, output: Output): Promise<DemoReport["data"]> {
  const startedAt = performance.now();
  const loaded = await loadDemoData(store);
  const ms = performance.now() - startedAt;
  if (!output.json) {
    output.print(
      `${output.style.green("✔")} ${formatNumber(loaded.movies)} films as movie:N, ${
        formatNumber(loaded.lines)
      } lines of Moby-Dick as text:N ${output.style.dim(`in ${formatDuration(ms)}`)}`,
    );
  }
  return { ...loaded, ms };
}

async function undeployDemo(client: Client): Promise<void> {
  for (const library of [DEMO_LIBRARY, PREMIERES_LIBRARY]) {
    await client.get(z.unknown(), `/v1/libraries/${library}`, { method: "DELETE" })
      .catch((error) => {
        if (PinionError.from(error).code !== "NO_LIBRARY") throw error;
      });
  }
}

function showEnd(ms: number, output: Output): void {
  output.print();
  output.print(
    `${output.style.green("✔")} ${output.style.bold("That was all")} ${
      output.style.dim(`in ${formatDuration(ms)}`)
    }`,
  );
}

function showNext(output: Output): void {
  output.print(`  Your turn: \`${TASK} demo --keep\` leaves the data up to play with,`);
  output.print(`  \`${TASK} start\` starts a runtime of your own.`);
}

/** Says how to reach the runtime that stays up. */
function showWayIn({ client, respAddress }: Stage, output: Output): void {
  const port = respAddress.split(":").at(-1);
  const lines = [
    `redis-cli -p ${port} RG.TSEXECUTE 'GB().count().run("movie:*")'`,
    `${PROGRAM} run -e 'GB().count().run()' --url ${client.origin}`,
    `curl ${client.origin}/v1/libraries`,
  ];
  output.printLines(renderBox("Still up, until Ctrl-C", lines, output));
}
