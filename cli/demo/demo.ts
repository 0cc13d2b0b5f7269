/**
 * The course of the demo: servers up, data in, the scenes, all down again.
 *
 * @module
 */

import { Redis } from "ioredis";
import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { ManagedServer } from "../../redis/managed_server.ts";
import { parseRedisUrl } from "../../redis/redis_url.ts";
import { type ShardReady, startShard } from "../../runtime/shard.ts";
import { Client } from "../client.ts";
import type { CommandContext } from "../command.ts";
import { untilAborted } from "../interrupts.ts";
import { renderBox } from "../ui/box.ts";
import { formatDuration, formatNumber } from "../ui/format.ts";
import type { Output } from "../ui/output.ts";
import { loadDemoData, type LoadedData, removeDemoData, requireNoDemoData } from "./demo_data.ts";
import type { SceneOutcome, Stage } from "./scene.ts";
import { DEMO_LIBRARY, readSource, SCENES } from "./scenes.ts";
import { showOutcome, showScene } from "./show_scene.ts";

/** What `demo --json` prints. */
export interface DemoReport {
  /** Where it was played: with `keep`, where it still is. */
  readonly redis: string;
  readonly resp: string;
  readonly http: string;
  /** How much was loaded, and how long it took. */
  readonly data: LoadedData & { readonly ms: number };
  readonly scenes: readonly (SceneOutcome & { readonly name: string })[];
  readonly ms: number;
}

/** Any free port of this machine. */
const ANY_PORT = "127.0.0.1:0";

/**
 * Plays it. With `keep` it reports by itself, then waits for Ctrl-C.
 *
 * @throws the runtime's error of the first scene that fails
 */
export async function playDemo(
  options: { readonly redis?: string; readonly keep: boolean },
  { output, signal }: CommandContext,
): Promise<DemoReport | undefined> {
  const startedAt = performance.now();
  await using owned = new AsyncDisposableStack();
  const { ready, redis, stage } = await setStage(owned, options.redis, { output, signal });
  if (!output.json) showStage(ready, output);
  const data = await load(redis, output);
  const scenes = await playScenes(stage, output);
  const ms = performance.now() - startedAt;
  const report = { redis: ready.redis, resp: ready.resp, http: ready.http, data, scenes, ms };
  if (!output.json) showEnd(ms, output);
  if (!options.keep) {
    if (!output.json) showNext(output);
    return report;
  }
  await loadDemoData(redis); // what the last scene deleted is there again
  if (output.json) output.printJson(report);
  else showWayIn(stage, output);
  await untilAborted(signal);
  return undefined;
}

/** Starts what is needed; `owned` takes it down again, data and library too. */
async function setStage(
  owned: AsyncDisposableStack,
  givenRedis: string | undefined,
  { output, signal }: Pick<CommandContext, "output" | "signal">,
): Promise<{ ready: ShardReady; redis: Redis; stage: Stage }> {
  const redisUrl = givenRedis ?? await startRedis(owned, output, signal);
  const redis = connect(owned, redisUrl);
  if (givenRedis !== undefined) await requireNoDemoData(redis);
  const { ready } = owned.use(
    await startShard({ redis: redisUrl, resp: ANY_PORT, http: ANY_PORT, mesh: ANY_PORT }),
  );
  owned.defer(() => removeDemoData(redis));
  const client = new Client({ url: `http://${ready.http}`, token: undefined });
  owned.defer(() => undeployDemo(client));
  const resp = connect(owned, ready.resp);
  return { ready, redis, stage: { client, resp, respAddress: ready.resp, signal } };
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

/** A connection that gives up at once where nothing answers, and that is closed with `owned`. */
function connect(owned: AsyncDisposableStack, url: string): Redis {
  const { tls, ...address } = parseRedisUrl(url);
  const redis = new Redis({
    ...address,
    ...(tls && { tls: {} }),
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on("error", () => {}); // the command that needs it rejects
  return owned.adopt(redis, (connection) => connection.disconnect());
}

function showStage({ redis, resp, http }: ShardReady, output: Output): void {
  const { green } = output.style;
  output.print(`${green("✔")} a Redis at ${redis}`);
  output.print(`${green("✔")} a runtime beside it: RESP at ${resp}, HTTP at ${http}`);
}

async function load(redis: Redis, output: Output): Promise<DemoReport["data"]> {
  const startedAt = performance.now();
  const loaded = await loadDemoData(redis);
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
  await client.get(z.unknown(), `/v1/libraries/${DEMO_LIBRARY}`, { method: "DELETE" })
    .catch((error) => {
      if (PinionError.from(error).code !== "NO_LIBRARY") throw error;
    });
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
  output.print("  Your turn: `deno task demo --keep` leaves the data up to play with,");
  output.print("  `deno task start` starts a runtime of your own.");
}

/** Says how to reach the runtime that stays up. */
function showWayIn({ client, respAddress }: Stage, output: Output): void {
  const port = respAddress.split(":").at(-1);
  const lines = [
    `redis-cli -p ${port} RG.TSEXECUTE 'GB().count().run("movie:*")'`,
    `deno task pinion run -e 'GB().count().run()' --url ${client.origin}`,
    `curl ${client.origin}/v1/libraries`,
  ];
  output.printLines(renderBox("Still up, until Ctrl-C", lines, output));
}
