/**
 * A runtime with low limits, a real Redis, an innocent library under constant light load, and short
 * forms to send hostile code to it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { RedisLink } from "../../../redis/link/redis_link.ts";
import { RespDecoder, RespError, type RespValue } from "../../../redis/resp_decoder.ts";
import { type RespArgument, RespEncoder } from "../../../redis/resp_encoder.ts";
import {
  startRuntime,
  type TestRuntime,
  type TestRuntimeOptions,
} from "../../support/start_runtime.ts";
import { DEFAULT_POOL } from "../../../contract/isolate/pool_options.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { Bystander } from "./bystander.ts";
import { type Footprint, takeFootprint } from "./footprint.ts";

/** What a request came to. */
export interface Answer {
  readonly status: number;
  /** JSON, or text where it is none. */
  // deno-lint-ignore no-explicit-any
  readonly body: any;
  /** The body as it came. */
  readonly text: string;
  /** Its beginning, for messages. */
  readonly excerpt: string;
  readonly elapsedMs: number;
}

/** Limits that stop a bomb early. */
const LIMITS = {
  memoryMb: 96,
  invocationTimeoutMs: 600,
  executionTimeoutMs: 600,
  loadTimeoutMs: 2_000,
  resultBytes: 4 * 1024 * 1024,
  logLinesPerSecond: 100,
};

const INNOCENT = `
  import { execute } from "pinion";
  export async function greet({ name }) {
    return { text: "Hello " + name, visits: await execute("INCR", "visits:" + name) };
  }`;

/** What the innocent library alone is granted. */
export const SECRETS = { API_KEY: "secret-of-the-innocent" };
/** It is there from the first registration on, for good. */
const REGISTRATION_COUNTER = "__pinion:{libraries}:registrations:next";
const ROOT = new URL("../../../", import.meta.url).pathname;

/** Options of the runtime, and what else no answer may hold. */
export interface ArenaOptions extends TestRuntimeOptions {
  readonly hidden?: readonly string[];
}

/** See the module. */
export class Arena implements AsyncDisposable {
  readonly runtime: TestRuntime;
  readonly bystander: Bystander;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #prestarted: number;
  readonly #link: RedisLink;
  /** Keeps no connection, so that those of the attempt are gone when it is over. */
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  readonly #deployed = new Set<string>();
  /** What no answer may hold: where the runtime is installed, where it works, secrets. */
  readonly #hidden = [ROOT, `pinion-${Deno.pid}-`, ...Object.values(SECRETS)];

  /** @param options Added to limits that are low already. */
  static async start({ limits, hidden = [], ...options }: ArenaOptions = {}): Promise<Arena> {
    await using stack = new AsyncDisposableStack();
    const runtime = stack.use(
      await startRuntime({ secrets: SECRETS, ...options, limits: { ...LIMITS, ...limits } }),
    );
    const link = stack.use(await RedisLink.connect(runtime.redis.address, { name: "arena" }));
    await runtime.engine.libraries.deploy({
      name: "innocent",
      source: INNOCENT,
      manifest: { env: {}, allowNet: [], secrets: ["API_KEY"], timeoutMs: 10_000 },
      upgrade: false,
    });
    const { token } = options;
    const headers: Record<string, string> = {};
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    const bystander = stack.use(
      await Bystander.start({
        url: `${runtime.http}/invoke/innocent/greet`,
        headers,
        redis: runtime.redis.address,
      }),
    );
    stack.move();
    const prestarted = options.isolates?.prestarted ?? DEFAULT_POOL.prestarted;
    const arena = new Arena(runtime, headers, prestarted, link, bystander);
    arena.#hidden.push(...hidden);
    return arena;
  }

  private constructor(
    runtime: TestRuntime,
    headers: Readonly<Record<string, string>>,
    prestarted: number,
    link: RedisLink,
    bystander: Bystander,
  ) {
    this.runtime = runtime;
    this.#headers = headers;
    this.#prestarted = prestarted;
    this.#link = link;
    this.bystander = bystander;
  }

  /** Sends a script by `POST /v1/run`. */
  run(source: string, query = "", signal?: AbortSignal): Promise<Answer> {
    return this.request("POST", `/v1/run${query}`, { body: source, signal });
  }

  /** Sends a script with one record, whose step has this body and gives the result. */
  async evaluate(body: string): Promise<Answer> {
    return await this.run(`GB("ShardsIDReader").map(async () => {${body}\n}).run()`);
  }

  /** Deploys a library, which is gone when the attempt is over. */
  async deploy(
    name: string,
    source: string,
    manifest: Record<string, unknown> = {},
  ): Promise<Answer> {
    const answer = await this.request("PUT", `/v1/libraries/${name}`, {
      body: JSON.stringify({ source, manifest }),
      headers: { "content-type": "application/json" },
    });
    if (answer.status < 300) this.#deployed.add(name);
    return answer;
  }

  /** Invokes an export with a JSON value. */
  invoke(library: string, exportName: string, input: unknown = null): Promise<Answer> {
    return this.request("POST", `/invoke/${library}/${exportName}`, {
      body: JSON.stringify(input),
    });
  }

  /** Sends a request; no answer may tell of the host. */
  async request(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const startedAt = performance.now();
    const headers = { ...this.#headers, ...init.headers };
    const options = { ...init, headers, method, client: this.#client };
    const response = await fetch(this.runtime.http + path, options);
    const text = await response.text();
    this.assertTellsNothing(text);
    return {
      status: response.status,
      text,
      excerpt: text.slice(0, 500),
      body: parse(text),
      elapsedMs: performance.now() - startedAt,
    };
  }

  /** Fails where a text that left the runtime holds a path or a secret of the host. */
  assertTellsNothing(text: string): void {
    const told = this.#hidden.filter((secret) => text.includes(secret));
    assertEquals(told, [], `an answer tells of the host: ${text.slice(0, 1_000)}`);
  }

  /** Runs a command in Redis itself. @throws RespError */
  async ask(...command: readonly RespArgument[]): Promise<RespValue> {
    const encoder = new RespEncoder();
    encoder.command(command);
    const reply = new RespDecoder(await this.#link.request(encoder.take(), 1)).next();
    if (reply instanceof RespError) throw reply;
    return reply;
  }

  /** Waits until the isolates that the runtime starts in advance are there. */
  async settle(): Promise<void> {
    await waitUntil(async () => {
      const { isolates, sockets } = await this.footprint();
      const wanted = this.runtime.engine.scripts.listSessions().length + this.#prestarted;
      return sockets === 0 && isolates === wanted;
    });
  }

  /** What the runtime holds now. */
  async footprint(): Promise<Footprint> {
    const clients = String(await this.ask("CLIENT", "LIST"));
    const keys = (await this.ask("KEYS", "__pinion:*") as RespValue[])
      .filter((key) => key !== REGISTRATION_COUNTER);
    return await takeFootprint({
      connections: clients.trim().split("\n").length,
      keys: keys.length,
    });
  }

  /** Removes what an attempt has deployed. */
  async undeployAll(): Promise<void> {
    for (const name of this.#deployed) await this.request("DELETE", `/v1/libraries/${name}`);
    this.#deployed.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.bystander[Symbol.dispose]();
    this.#client.close();
    this.#link.close();
    await this.runtime[Symbol.asyncDispose]();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
