/**
 * An engine beside a real Redis for one test file, without adapters, gone at its end.
 *
 * @module
 */

import { LocalCoordinator } from "../../coordinator/local.ts";
import { RedisLink } from "../../redis/link/redis_link.ts";
import { ManagedServer, type ManagedServerOptions } from "../../servers/managed_server.ts";
import { RespDecoder, RespError, type RespValue } from "../../redis/resp_decoder.ts";
import { type RespArgument, RespEncoder } from "../../redis/resp_encoder.ts";
import { resolveConfig, type ShardOptions } from "../../runtime/base/config.ts";
import { createEngine } from "../../runtime/engine/create_engine.ts";
import type { Engine } from "../../runtime/engine/engine.ts";
import type { ExecutionOutcome } from "../../contract/api/execution_info.ts";
import type { ScriptOptions } from "../../contract/api/script_outcome.ts";
import { prepareChildBundle } from "./child_bundle.ts";
import { LogBook } from "../../runtime/base/log_book.ts";
import type { TestPlace } from "./test_place.ts";
import { RuntimeDirectory } from "../../runtime/runtime_directory.ts";
import { ShardRedis } from "../../runtime/base/shard_redis.ts";

/** Options of a test's engine: limits and isolates as in the config, and the server's. */
export interface TestEngineOptions
  extends Pick<ShardOptions, "limits" | "isolates" | "redisUsers"> {
  readonly server?: ManagedServerOptions;
}

/** See {@linkcode startEngine}. */
export class TestEngine implements TestPlace, AsyncDisposable {
  /** Another one after {@linkcode restart}. */
  engine!: Engine;
  readonly redis: ManagedServer;
  /** Lines that were logged, as `source level message`. */
  readonly logs: string[] = [];
  readonly #options: TestEngineOptions;
  #owned = new AsyncDisposableStack();
  #link: RedisLink | null = null;
  #directory = "";

  constructor(redis: ManagedServer, options: TestEngineOptions) {
    this.redis = redis;
    this.#options = options;
  }

  /** Folder of the runtime. */
  get directory(): string {
    return this.#directory;
  }

  /** Starts an engine anew beside the same Redis. */
  async restart(): Promise<void> {
    await this.#owned.disposeAsync();
    const { limits, isolates, redisUsers } = this.#options;
    const address = this.redis.address;
    const config = resolveConfig({ redis: this.redis.url, limits, isolates, redisUsers });
    const logs = new LogBook(({ source, level, message }) =>
      this.logs.push(`${source} ${level} ${message}`)
    );
    await using stack = new AsyncDisposableStack();
    const redis = stack.use(await ShardRedis.connect(address, logs, 10_000));
    const directory = stack.use(await RuntimeDirectory.create());
    const isolateOptions = {
      bundle: await prepareChildBundle(),
      directory: directory.path,
      redis: address,
      clustered: redis.isClusterMode,
    };
    const coordinator = new LocalCoordinator(address);
    this.engine = stack.use(
      await createEngine({ config, redis, coordinator, logs, isolateOptions }),
    );
    this.#directory = directory.path;
    this.#owned = stack.move();
  }

  get redisPort(): number {
    return this.redis.address.port;
  }

  async clear(): Promise<void> {
    await this.ask("FLUSHALL");
  }

  /** Runs a script that ends with a `run()`; its results and errors. */
  async run(source: string, options: ScriptOptions = {}): Promise<ExecutionOutcome> {
    const outcome = await this.engine.scripts.run(source, options);
    if (outcome.kind !== "done") throw new Error(`The script came to ${outcome.kind}`);
    return outcome.outcome;
  }

  /** As {@linkcode run}, for scripts without errors. */
  async results(source: string): Promise<readonly unknown[]> {
    const { results, errors } = await this.run(source);
    if (errors.length > 0) throw new Error(`The script had errors: ${errors.join("\n")}`);
    return results;
  }

  /** Runs one command; its reply. @throws RespError */
  async ask(...command: readonly RespArgument[]): Promise<RespValue> {
    const [reply] = await this.pipeline([command]);
    if (reply instanceof RespError) throw reply;
    return reply;
  }

  /** Runs many commands at once; their replies, errors as values. */
  async pipeline(commands: readonly (readonly RespArgument[])[]): Promise<RespValue[]> {
    const encoder = new RespEncoder();
    for (const command of commands) encoder.command(command);
    const replies = await this.#request(encoder.take(), commands.length);
    const decoder = new RespDecoder(replies);
    return commands.map(() => decoder.next());
  }

  /** Asks over a connection that is opened anew where the server was restarted. */
  async #request(bytes: Uint8Array, replies: number): Promise<Uint8Array> {
    try {
      this.#link ??= await RedisLink.connect(this.redis.address);
      return await this.#link.request(bytes, replies);
    } catch {
      this.#link?.close();
      this.#link = await RedisLink.connect(this.redis.address);
      return await this.#link.request(bytes, replies);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#link?.close();
    await this.#owned.disposeAsync();
    await this.redis.stop();
  }
}

/** Starts a Redis on a free port and an engine beside it. */
export async function startEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const test = new TestEngine(await ManagedServer.start(options.server), options);
  try {
    await test.restart();
    return test;
  } catch (error) {
    await test[Symbol.asyncDispose]();
    throw error;
  }
}
