/**
 * One isolate: a child process with one permission-restricted Web Worker, as seen by the runtime.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { PinionError } from "../../errors.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import type { ChildBundle } from "./child_bundle.ts";
import { ChildProcess } from "./child_process.ts";
import {
  CHANNEL_HOST,
  CHANNEL_SANDBOX,
  FrameReader,
  FrameWriter,
} from "../../contract/isolate/frames.ts";
import { START_TIMEOUT_MS } from "../../contract/isolate/session_limits.ts";
import { residentBytes } from "./process_info.ts";
import { decodeMessages } from "../../contract/isolate/messages/decode_messages.ts";
import {
  FromHostSchema,
  type ServerAddress,
  type SlotMap,
  type ToHost,
} from "../../contract/isolate/messages/host_messages.ts";
import type { FromSandbox, ToSandbox } from "../../contract/isolate/messages/messages.ts";
import { type ResourceLimits, ResourceWatch } from "./resource_watch.ts";
import { ThreadShare } from "./thread_share.ts";
import { encodeWire } from "../../contract/isolate/wire.ts";

/** Options of a child process. */
export interface IsolateOptions {
  readonly bundle: ChildBundle;
  /** Folder of this runtime for sockets and the like. */
  readonly directory: string;
  readonly redis: RedisAddress;
  /** True if the server runs in cluster mode. */
  readonly clustered: boolean;
  /** The servers that a child started now may connect to. Default: `redis`. */
  readonly redisServers?: () => readonly ServerAddress[];
  /** `HOST:PORT` that the sandbox may connect to. Default none. */
  readonly allowNet?: readonly string[];
}

/** Bytes that are read from the socket at a time. */
const READ_BYTES = 64 * 1024;
/** The clock is looked at after so many messages. */
const MESSAGES_PER_LOOK = 8;

let nextSocket = 0;
const threadShare = new ThreadShare();

/** A running isolate. It ends once: by `kill`, or by its own doing. */
export class Isolate {
  readonly pid: number;
  /** Resolves with the reason when the process is gone. */
  readonly ended: Promise<PinionError>;
  /** Called with each message of the sandbox, in order. */
  onMessage: (message: FromSandbox) => void = () => {};
  readonly #child: ChildProcess;
  readonly #socket: Deno.Conn;
  readonly #writer: FrameWriter;
  readonly #reach: ReadonlySet<string>;
  #outbox: ToSandbox[] = [];
  #reason: PinionError | null = null;
  #baselineBytes = 0;
  #watch: ResourceWatch | null = null;
  #ready = Promise.withResolvers<void>();

  /** Starts a child and waits until its sandbox takes messages. @throws `ISOLATE_DIED` */
  static async start(options: IsolateOptions): Promise<Isolate> {
    const path = `${options.directory}/${nextSocket++}.sock`;
    const listener = Deno.listen({ transport: "unix", path });
    const places = options.redisServers?.() ?? [options.redis];
    const child = new ChildProcess({ ...options, places, socketPath: path });
    const timer = setTimeout(() => child.kill(), START_TIMEOUT_MS);
    try {
      const died = child.ended.then(async () => {
        throw new PinionError("ISOLATE_DIED", "The isolate did not start; the log says more", {
          cause: new Error(await child.printed),
        });
      });
      const socket = await Promise.race([listener.accept(), died]);
      const isolate = new Isolate(child, socket, places);
      isolate.useRedis(options.redis, options.clustered);
      await Promise.race([isolate.#ready.promise, died]);
      died.catch(() => {});
      isolate.#baselineBytes = await residentBytes(isolate.pid) ?? 0;
      return isolate;
    } finally {
      clearTimeout(timer);
      listener.close();
      await Deno.remove(path).catch(() => {});
    }
  }

  private constructor(
    child: ChildProcess,
    socket: Deno.Conn,
    places: readonly ServerAddress[],
  ) {
    this.#reach = new Set(places.map(nameOf));
    this.pid = child.pid;
    this.#child = child;
    this.#socket = socket;
    this.#writer = new FrameWriter((bytes) => socket.write(bytes), () => {});
    this.ended = this.#awaitEnd();
    void this.#receive();
  }

  /** Tells whether it runs and nobody has asked it to end. */
  get isAlive(): boolean {
    return this.#reason === null;
  }

  /**
   * Sends to the sandbox. What is sent while the socket takes the message before travels together,
   * so that under load one write, one decoding and one wake-up serve many messages.
   */
  send(message: ToSandbox): void {
    if (this.#outbox.push(message) === 1) setImmediate(() => void this.#flush());
  }

  /**
   * Goes the way of a script once: the first one is faster then. Resolves also if it dies of it.
   */
  async warmUp(): Promise<void> {
    const warm = Promise.withResolvers<void>();
    this.onMessage = (message) => message.type === "warm" && warm.resolve();
    this.send({ type: "warmUp" });
    await Promise.race([warm.promise, this.ended]);
    this.onMessage = () => {};
  }

  /** Says how to connect to Redis. Holds for links that are opened later. */
  useRedis(redis: RedisAddress, clustered: boolean): void {
    this.#toHost({ type: "init", redis, clustered, linkName: "pinion-isolate" });
  }

  /** Says who owns the slots now, in cluster mode. */
  useSlots(map: SlotMap): void {
    this.#toHost({ type: "slots", map });
  }

  /** Tells whether it may connect to all of these servers. */
  reaches(places: readonly ServerAddress[]): boolean {
    return places.every((place) => this.#reach.has(nameOf(place)));
  }

  /** Kills it when it uses more than `limits` from now on; `onRetire` at the soft limit of CPU. */
  limit(limits: ResourceLimits, onRetire: () => void): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = new ResourceWatch(this.pid, this.#baselineBytes, limits, {
      kill: (reason) => void this.kill(reason),
      retire: onRetire,
    });
  }

  /** Ends it with SIGKILL, whatever its code does. Resolves when the process is gone. */
  async kill(reason: PinionError): Promise<void> {
    this.#reason ??= reason;
    this.#child.kill();
    await this.ended;
  }

  async #flush(): Promise<void> {
    await this.#writer.drained();
    const messages = this.#outbox;
    this.#outbox = [];
    if (this.isAlive) this.#writer.send(CHANNEL_SANDBOX, encodeWire(messages));
  }

  async #receive(): Promise<void> {
    const frames = new FrameReader();
    const buffer = new Uint8Array(READ_BYTES);
    const received: [channel: number, payload: Uint8Array][] = [];
    try {
      while (true) {
        const length = await this.#socket.read(buffer);
        if (length === null) break;
        frames.push(buffer.slice(0, length), (...frame) => received.push(frame));
        for (const [channel, payload] of received.splice(0)) {
          const taken = this.#take(channel, payload);
          if (taken !== undefined) await taken;
        }
      }
    } catch (error) {
      if (this.isAlive) this.#die(error);
    }
    this.#child.kill();
  }

  /** Takes a frame; the promise, if any, resolves when others have had their turn. */
  #take(channel: number, payload: Uint8Array): void | Promise<void> {
    if (channel === CHANNEL_HOST) {
      const message = FromHostSchema.parse(JSON.parse(new TextDecoder().decode(payload)));
      if (message.type === "ready") this.#ready.resolve();
      else this.#die(new Error(message.message));
      return;
    }
    const startedAt = performance.now();
    return this.#deliver(decodeMessages(payload), 0, startedAt);
  }

  #deliver(
    messages: readonly FromSandbox[],
    from: number,
    startedAt: number,
  ): void | Promise<void> {
    for (let index = from; index < messages.length && this.isAlive; index++) {
      this.onMessage(messages[index]);
      if (index % MESSAGES_PER_LOOK !== 0 && index < messages.length - 1) continue;
      const now = performance.now();
      const rest = threadShare.spend(now - startedAt, now);
      if (rest !== null) {
        return rest.then(() => this.#deliver(messages, index + 1, performance.now()));
      }
      startedAt = now;
    }
  }

  #die(cause: unknown): void {
    this.#reason ??= new PinionError(
      "ISOLATE_DIED",
      "The isolate was stopped: its code broke the sandbox it runs in",
      { cause },
    );
    this.#child.kill();
  }

  async #awaitEnd(): Promise<PinionError> {
    await this.#child.ended;
    const tail = await this.#child.printed;
    this.#watch?.[Symbol.dispose]();
    this.#reason ??= /out of memory|heap limit/i.test(tail)
      ? new PinionError("LIMIT_MEMORY", "The function was stopped: its heap is full")
      : new PinionError("ISOLATE_DIED", "The isolate of the function died; start it again", {
        cause: new Error(tail),
      });
    this.#socket.close();
    return this.#reason;
  }

  #toHost(message: ToHost): void {
    this.#writer.send(CHANNEL_HOST, new TextEncoder().encode(JSON.stringify(message)));
  }
}

function nameOf({ host, port }: ServerAddress): string {
  return `${host} ${port}`;
}
