/**
 * The course of the demo: servers up, data in, the scenes, all down again.
 *
 * @module
 */

import { Redis } from "ioredis";
import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { ManagedServer } from "../../redis/managed_server.ts";
import { type ShardReady, startShard } from "../../runtime/shard.ts";
import { Client } from "../client.ts";
import type { CommandContext } from "../command.ts";
import { renderBox } from "../ui/box.ts";
import { formatDuration, formatNumber } from "../ui/format.ts";
import type { Output } from "../ui/output.ts";
import { loadDemoData, type LoadedData, removeDemoData, requireNoDemoData } from "./demo_data.ts";
import type { SceneOutcome, Stage } from "./scene.ts";
import { DEMO_LIBRARY, readSource, SCENES } from "./scenes.ts";
import { showOutcome, showScene } from "./show_scene.ts";

/** What `demo --json` prints. */
export interface DemoReport {
  readonly data: LoadedData & { readonly ms: number };
  readonly scenes: readonly (SceneOutcome & { readonly name: string })[];
  readonly ms: number;
}

/** Any free port of this machine. */
const ANY_PORT = "127.0.0.1:0";

/**
 * Plays it. With `keep` it waits at its end for Ctrl-C.
 *
 * @throws the runtime's error of the first scene that fails
 */
export async function playDemo(
  options: { readonly redis?: string; readonly keep: boolean },
  { output, signal }: CommandContext,
): Promise<DemoReport> {
  const startedAt = performance.now();
  await using owned = new AsyncDisposableStack();
  const redisUrl = options.redis ?? await startRedis(owned, output, signal);
  const redis = connect(owned, redisUrl);
  if (options.redis !== undefined) await requireNoDemoData(redis);
  const shard = owned.use(
    await startShard({ redis: redisUrl, resp: ANY_PORT, http: ANY_PORT, mesh: ANY_PORT }),
  );
  owned.defer(() => removeDemoData(redis));
  const client = new Client({ url: `http://${shard.ready.http}`, token: undefined });
  owned.defer(() => undeployDemo(client));
  const stage: Stage = {
    client,
    resp: connect(owned, `redis://${shard.ready.resp}`),
    respAddress: shard.ready.resp,
    signal,
  };
  if (!output.json) showStage(shard.ready, output);
  const data = await load(redis, output);
  const scenes: (SceneOutcome & { name: string })[] = [];
  for (const scene of SCENES) {
    signal.throwIfAborted();
    const source = await readSource(scene);
    if (!output.json) showScene(scene, source, stage, output);
    const outcome = await scene.play(stage, source);
    if (!output.json) showOutcome(outcome, output);
    scenes.push({ name: scene.name, ...outcome });
  }
  const ms = performance.now() - startedAt;
  if (!output.json) showEnd(ms, output);
  if (options.keep) await stayUp(stage, output);
  return { data, scenes, ms };
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
  const redis = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
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
  output.print("  Your turn: `deno task demo --keep` leaves the data up to play with,");
  output.print("  `deno task start` starts a runtime of your own.");
}

/** Says how to reach the runtime, then waits for Ctrl-C. */
async function stayUp({ client, respAddress, signal }: Stage, output: Output): Promise<void> {
  const port = respAddress.split(":").at(-1);
  for (
    const line of renderBox("Still up, until Ctrl-C", [
      `redis-cli -p ${port} RG.TSEXECUTE 'GB().count().run("movie:*")'`,
      `deno task pinion run examples/movies_by_genre.ts --url ${client.origin}`,
      `curl ${client.origin}/v1/libraries`,
    ], output)
  ) output.note(line);
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
