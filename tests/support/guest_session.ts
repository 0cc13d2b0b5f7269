/**
 * A sandbox that a test speaks to as the runtime does: by messages, over the real border.
 *
 * @module
 */

import type { ErrorData } from "../../errors.ts";
import { PinionError } from "../../errors.ts";
import type { FromSandbox } from "../../contract/isolate/messages/messages.ts";
import type { LoadMessage } from "../../contract/isolate/messages/modules.ts";
import { decodeWire } from "../../contract/isolate/wire.ts";
import { prepareChildBundle } from "./child_bundle.ts";
import { Isolate } from "../../isolate/process/isolate.ts";
import { RedisLink } from "../../redis/link/redis_link.ts";
import { RespDecoder } from "../../redis/resp_decoder.ts";
import { RespEncoder } from "../../redis/resp_encoder.ts";
import { RuntimeDirectory } from "../../runtime/runtime_directory.ts";
import { ManagedServer } from "../../servers/managed_server.ts";
import { waitUntil } from "./wait_until.ts";

type Message<Type extends FromSandbox["type"]> = Extract<FromSandbox, { type: Type }>;

/** Results and errors of a run. */
export interface RunOutcome {
  readonly results: readonly unknown[];
  readonly errors: readonly string[];
}

const FINISHED = new PinionError("EXECUTION_ABORTED", "the test is finished");
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Starts the sandboxes of a test beside one Redis. */
export class GuestPlace implements AsyncDisposable {
  readonly redis: ManagedServer;
  readonly #directory: RuntimeDirectory;

  private constructor(redis: ManagedServer, directory: RuntimeDirectory) {
    this.redis = redis;
    this.#directory = directory;
  }

  static async start(): Promise<GuestPlace> {
    return new GuestPlace(await ManagedServer.start(), await RuntimeDirectory.create());
  }

  /** Number that Redis holds under a key. */
  async count(key: string): Promise<number> {
    using link = await RedisLink.connect(this.redis.address);
    const encoder = new RespEncoder();
    encoder.command(["GET", key]);
    return Number(new RespDecoder(await link.request(encoder.take(), 1)).next());
  }

  /** Starts a sandbox without a module. */
  async open(): Promise<GuestSession> {
    const isolate = await Isolate.start({
      bundle: await prepareChildBundle(),
      directory: this.#directory.path,
      redis: this.redis.address,
      clustered: false,
    });
    return new GuestSession(isolate);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory[Symbol.asyncDispose]();
    await this.redis[Symbol.asyncDispose]();
  }
}

/** One sandbox and what it has said so far. */
export class GuestSession implements AsyncDisposable {
  readonly #isolate: Isolate;
  readonly #messages: FromSandbox[] = [];
  #calls = 0;

  constructor(isolate: Isolate) {
    this.#isolate = isolate;
    isolate.onMessage = (message) => this.#messages.push(message);
  }

  /** Has a module loaded; does not wait for it. */
  load(message: LoadMessage): void {
    this.#isolate.send(message);
  }

  /** Gives the first message of a type, once it is there. */
  async first<Type extends FromSandbox["type"]>(type: Type): Promise<Message<Type>> {
    return await this.#find((message): message is Message<Type> => message.type === type);
  }

  /** Gives the answer to a load: the exports, or the error. */
  async loaded(): Promise<Message<"loaded" | "loadFailed">> {
    return await this.#find((message): message is Message<"loaded" | "loadFailed"> =>
      message.type === "loaded" || message.type === "loadFailed"
    );
  }

  /** Calls an exported function; gives the value that it returned, or its error. */
  async invoke(exportName: string, input: unknown): Promise<{ value: unknown } | ErrorData> {
    const id = ++this.#calls;
    const body = encoder.encode(JSON.stringify(input));
    this.#isolate.send({ type: "invoke", id, exportName, body });
    const answer = await this.#find((message): message is Message<"reply" | "failed"> =>
      (message.type === "reply" || message.type === "failed") && message.id === id
    );
    if (answer.type === "failed") return answer.error;
    return { value: JSON.parse(decoder.decode(answer.body)) };
  }

  /** Asks for the run of an exported builder; gives the sandbox's request for it. */
  async askRun(exportName: string): Promise<Message<"run">> {
    const id = ++this.#calls;
    this.#isolate.send({ type: "runExport", id, exportName, body: new Uint8Array() });
    return await this.#find((message): message is Message<"run"> =>
      message.type === "run" && message.invocation === id
    );
  }

  /** Agrees to a run and waits for its end. */
  async finish({ run }: Message<"run">): Promise<RunOutcome> {
    const executionId = `test-${run}`;
    this.#isolate.send({ type: "start", run, executionId });
    const { errors } = await this.#find((message): message is Message<"done"> =>
      message.type === "done" && message.executionId === executionId
    );
    const results = this.#messages.flatMap((message) =>
      message.type === "results" && message.executionId === executionId
        ? decodeWire(message.records) as unknown[]
        : []
    );
    return { results, errors };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#isolate.kill(FINISHED);
  }

  async #find<Found extends FromSandbox>(
    fits: (message: FromSandbox) => message is Found,
  ): Promise<Found> {
    await waitUntil(() => this.#messages.some(fits));
    return this.#messages.find(fits)!;
  }
}
