/**
 * A whole runtime beside a real Redis for one test, gone at its end.
 *
 * @module
 */

import { buildIsolate } from "../../tools/build/bundle_isolate.ts";
import { ManagedServer } from "../../servers/managed_server.ts";
import type { ShardOptions } from "../../runtime/base/config.ts";
import type { Engine } from "../../runtime/engine/engine.ts";
import { type ShardRuntime, startShard } from "../../runtime/shard.ts";

// Runtimes that are started from here refuse a bundle that is older than its sources.
await buildIsolate();

/** What a test talks to. */
export interface TestRuntime extends AsyncDisposable {
  readonly redis: ManagedServer;
  readonly resp: { readonly hostname: string; readonly port: number };
  /** Base URL, such as `http://127.0.0.1:40001`. */
  readonly http: string;
  readonly engine: Engine;
  readonly shard: ShardRuntime;
  /** Lines that were logged. */
  readonly logs: readonly string[];
}

/** Options of a test's runtime: the shard's own, and the server's. */
export interface TestRuntimeOptions extends Partial<ShardOptions> {
  readonly server?: Parameters<typeof ManagedServer.start>[0];
}

/** Starts a Redis and a runtime on free ports. */
export async function startRuntime(options: TestRuntimeOptions = {}): Promise<TestRuntime> {
  const { server, ...shardOptions } = options;
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await ManagedServer.start(server));
  const logs: string[] = [];
  const shard = stack.use(
    await startShard({
      redis: redis.url,
      resp: "127.0.0.1:0",
      http: "127.0.0.1:0",
      mesh: "127.0.0.1:0",
      ...shardOptions,
    }, (line) => logs.push(`${line.source} ${line.level} ${line.message}`)),
  );
  const [hostname, port] = shard.ready.resp.split(":");
  const owned = stack.move();
  return {
    redis,
    resp: { hostname, port: Number(port) },
    http: `http://${shard.ready.http}`,
    engine: shard.engine,
    shard,
    logs,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
