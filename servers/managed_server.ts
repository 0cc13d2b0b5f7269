/**
 * A real Redis or Valkey server that this process starts and owns: for development, tests and
 * demonstrations.
 *
 * It listens on the loopback interface only and ends with its owner, even if that is killed.
 *
 * @module
 */

import { PinionError } from "../errors.ts";
import { choosePort } from "./free_port.ts";
import { RedisLink } from "../redis/link/redis_link.ts";
import { formatRedisUrl, type RedisAddress } from "../redis/redis_url.ts";
import { RespDecoder } from "../redis/resp_decoder.ts";
import { RespEncoder } from "../redis/resp_encoder.ts";
import { findServer, installServer, refuseMissing, type ServerBinary } from "./server_binary.ts";
import { ServerProcess } from "./server_process.ts";

/** Options of a server. */
export interface ManagedServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** The server is for this machine only. */
  readonly host?: "127.0.0.1";
  /** More arguments, after ours, such as `["--maxmemory", "100mb"]`. */
  readonly args?: readonly string[];
  /**
   * Folder of data, log and cluster state; default: a temporary one that {@linkcode stop} removes.
   */
  readonly dir?: string;
  /** True if data survive a restart (an append-only file); default false. */
  readonly persistence?: boolean;
  /** True if the server runs as a cluster node; default false. */
  readonly cluster?: boolean;
  /** True if to install a server where there is none and the system allows it; default false. */
  readonly installIfMissing?: boolean;
  /** Told what takes a while, a line each. */
  readonly onMessage?: (line: string) => void;
  /** Ends starting; it rejects with the reason of the abort. */
  readonly signal?: AbortSignal;
}

const READY_MS = 10_000;
/** Time between two attempts to connect: the first and the longest. */
const FIRST_RETRY_MS = 2;
const LAST_RETRY_MS = 50;
/** Attempts to find a port that nobody takes meanwhile. */
const PORT_ATTEMPTS = 3;
const LOG_LINES = 5;

/**
 * A server and the process that it runs in.
 *
 * @example
 * ```ts
 * import { ManagedServer } from "./managed_server.ts";
 *
 * await using server = await ManagedServer.start({ persistence: true });
 * console.log(server.url, server.version);
 * ```
 */
export class ManagedServer implements AsyncDisposable {
  readonly #binary: ServerBinary;
  readonly #options: ManagedServerOptions;
  readonly #dir: string;
  #process: ServerProcess;
  /** Address that the server listens on. */
  readonly address: RedisAddress;

  private constructor(
    binary: ServerBinary,
    options: ManagedServerOptions,
    dir: string,
    port: number,
  ) {
    this.#binary = binary;
    this.#options = options;
    this.#dir = dir;
    const password = findArgument(options.args ?? [], "--requirepass");
    this.address = {
      host: options.host ?? "127.0.0.1",
      port,
      ...(password && { password }),
      db: 0,
      tls: false,
    };
    this.#process = this.#spawn();
  }

  /**
   * Starts a server and waits until it answers.
   *
   * @throws {PinionError} `UNSUPPORTED` where no server is installed, `REDIS_UNAVAILABLE` with the
   * last lines of its log where it ends or does not serve within 10 s.
   */
  static async start(options: ManagedServerOptions = {}): Promise<ManagedServer> {
    options.signal?.throwIfAborted();
    const binary = await findOrInstall(options);
    const dir = options.dir ?? await Deno.makeTempDir({ prefix: "pinion-redis-" });
    try {
      for (let attempt = 1;; attempt++) {
        const port = options.port ?? choosePort({ cluster: options.cluster ?? false });
        const server = new ManagedServer(binary, options, dir, port);
        try {
          await server.#becomeReady(options.signal);
          return server;
        } catch (error) {
          await server.#process.stop();
          const isPortTaken = String(error).includes("Address already in use");
          if (options.port !== undefined || !isPortTaken || attempt === PORT_ATTEMPTS) throw error;
        }
      }
    } catch (error) {
      if (options.dir === undefined) await Deno.remove(dir, { recursive: true });
      throw error;
    }
  }

  /** Address of the server for people and clients; without the password, if it has one. */
  get url(): string {
    return formatRedisUrl(this.address);
  }

  /** Process id of the server; another one after {@linkcode restart}. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Product and version, for example `redis 7.0.15`. */
  get version(): string {
    return this.#binary.version;
  }

  /** Tells whether the process of the server has ended. */
  get hasEnded(): boolean {
    return this.#process.hasEnded;
  }

  /** Sends a signal to the server, for tests of faults; to one that has ended, does nothing. */
  kill(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /**
   * Stops the server if it runs, and starts it on the same port with the same folder.
   *
   * @throws {PinionError} `REDIS_UNAVAILABLE` as {@linkcode start}.
   */
  async restart(): Promise<void> {
    await this.#process.stop();
    this.#process = this.#spawn();
    await this.#becomeReady();
  }

  /** Stops the server and removes its temporary folder. May be called again. */
  async stop(): Promise<void> {
    await this.#process.stop();
    if (this.#options.dir === undefined) {
      await Deno.remove(this.#dir, { recursive: true }).catch(ignoreMissing);
    }
  }

  /** As {@linkcode stop}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #spawn(): ServerProcess {
    const { args = [], persistence = false, cluster = false, dir } = this.#options;
    return new ServerProcess({
      path: this.#binary.path,
      args: [
        ...["--port", `${this.address.port}`, "--bind", this.address.host],
        ...["--dir", this.#dir, "--daemonize", "no", "--logfile", ""],
        ...["--appendonly", persistence ? "yes" : "no"],
        ...(persistence ? [] : ["--save", ""]),
        ...(cluster ? ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"] : []),
        ...args,
      ],
      logFile: this.#logFile,
      tempDir: dir === undefined ? this.#dir : undefined,
    });
  }

  get #logFile(): string {
    return `${this.#dir}/server.log`;
  }

  async #becomeReady(signal?: AbortSignal): Promise<void> {
    const deadline = performance.now() + READY_MS;
    let retryMs = FIRST_RETRY_MS;
    let last: unknown;
    while (!this.#process.hasEnded && performance.now() < deadline) {
      signal?.throwIfAborted();
      try {
        if (await this.#isServing(signal)) return;
        last = "another server answers on its port";
      } catch (error) {
        if (!(error instanceof PinionError) || !error.kind.retryable) throw error;
        last = error.message;
      }
      await waitAtMost(retryMs, this.#process.ended);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }
    const state = this.#process.hasEnded ? "it ended" : `after ${READY_MS} ms: ${last}`;
    throw new PinionError(
      "REDIS_UNAVAILABLE",
      `The Redis server did not start: ${state}. Its log ends with:\n${await this.#readLog()}`,
    );
  }

  /** Tells whether who answers on the port is the server that was started. */
  async #isServing(signal?: AbortSignal): Promise<boolean> {
    using link = await RedisLink.connect(this.address, { signal });
    const encoder = new RespEncoder();
    encoder.command(["INFO", "server"]);
    const info = new RespDecoder(await link.request(encoder.take(), 1)).next();
    return new RegExp(`^process_id:${this.pid}\\r?$`, "m").test(String(info));
  }

  async #readLog(): Promise<string> {
    const text = await Deno.readTextFile(this.#logFile).catch(() => "");
    return text.trimEnd().split("\n").slice(-LOG_LINES).join("\n");
  }
}

async function findOrInstall(options: ManagedServerOptions): Promise<ServerBinary> {
  if (Deno.build.os === "windows") throw refuseMissing("there is none for Windows");
  const found = await findServer();
  if (found !== undefined) return found;
  if (options.installIfMissing) return await installServer(options.onMessage);
  throw refuseMissing("no redis-server or valkey-server runs");
}

function findArgument(args: readonly string[], name: string): string | undefined {
  const at = args.lastIndexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

async function waitAtMost(ms: number, event: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([event, promise]);
  clearTimeout(timer);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
