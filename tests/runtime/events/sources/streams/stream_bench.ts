/**
 * Stream sources beside a real Redis, whose functions answer as a test says.
 *
 * @module
 */

import type { RegistrationPlan } from "../../../../../contract/plan/registration.ts";
import { LogBook } from "../../../../../runtime/base/log_book.ts";
import { Chains } from "../../../../../runtime/events/chains/chains.ts";
import { StreamHub } from "../../../../../runtime/events/sources/streams/stream_hub.ts";
import { ask, StreamLink } from "../../../../../runtime/events/sources/streams/stream_link.ts";
import { StreamSource } from "../../../../../runtime/events/sources/streams/stream_source.ts";
import { ManagedServer } from "../../../../../servers/managed_server.ts";
import { waitUntil } from "../../../../support/wait_until.ts";

type SourceOptions = ConstructorParameters<typeof StreamSource>[0];
type Delivery = Parameters<SourceOptions["runner"]["deliver"]>[0];

/** What a registration is made with. */
export interface StreamRegistration {
  readonly id?: string;
  readonly prefix?: string;
  readonly fromId?: string;
  readonly batch?: number;
  readonly durationMs?: number;
  readonly trimStream?: boolean;
  readonly ratePerSecond?: number;
  readonly failure?: Partial<RegistrationPlan["failure"]>;
  /** Runs messages; the error of each that fails. */
  readonly run?: (messages: readonly string[]) => Promise<Record<string, string> | void>;
  readonly bury?: SourceOptions["bury"];
}

/** A registration with what its function saw. */
export interface RunningStream {
  readonly source: StreamSource;
  /** Messages of each delivery, by their field `n`. */
  readonly seen: string[][];
  readonly deaths: string[];
}

/** A Redis with a hub of stream registrations. */
export class StreamBench implements AsyncDisposable {
  readonly server: ManagedServer;
  readonly hub: StreamHub;
  readonly logs: string[] = [];
  readonly #link: StreamLink;
  readonly #sources: StreamSource[] = [];
  readonly #begun = new Set<string>();
  readonly #logBook = new LogBook(({ message }) => void this.logs.push(message));

  private constructor(server: ManagedServer) {
    this.server = server;
    this.#link = new StreamLink(server.address, "test");
    const { address } = server;
    this.hub = new StreamHub({ address, isClustered: false, logs: this.#logBook });
  }

  static async open(): Promise<StreamBench> {
    return new StreamBench(await ManagedServer.start());
  }

  /** Runs a command. */
  async ask(...command: readonly (string | number)[]): Promise<unknown> {
    return await ask(await this.#link.connect(), ...command);
  }

  /** Adds messages with the field `n`, counting from `from`, with the ids `1-1`, `2-1`… */
  async add(key: string, count: number, from = 1): Promise<void> {
    for (let n = from; n < from + count; n++) await this.ask("XADD", key, `${n}-1`, "n", n);
  }

  /** Waits until a stream has so many messages. */
  async untilLength(key: string, length: number): Promise<void> {
    await waitUntil(async () => await this.ask("XLEN", key) === length);
  }

  /** Waits until a registration has read all of a stream and nothing of it is pending. */
  async untilAcknowledged(key: string, id = "r"): Promise<void> {
    await waitUntil(async () => {
      const groups = await this.ask("XINFO", "GROUPS", key) as unknown[][];
      const stream = await this.ask("XINFO", "STREAM", key) as unknown[];
      const group = groups.find((fields) => field(fields, "name") === `pinion:${id}`);
      return group !== undefined && field(group, "pending") === 0 &&
        field(group, "last-delivered-id") === field(stream, "last-generated-id");
    });
  }

  /** Opens a registration; it takes nothing yet. */
  open(options: StreamRegistration = {}): RunningStream {
    const { id = "r", run, bury = () => Promise.resolve() } = options;
    const [seen, deaths]: [string[][], string[]] = [[], []];
    const source = new StreamSource({
      ...{ id, plan: toPlan(options), hub: this.hub, streams: this.hub.streamsOf(undefined) },
      ...{ chains: new Chains(), logs: this.#logBook, bury },
      onDeath: (error) => void deaths.push(error),
      hasBegun: () => Promise.resolve(this.#begun.has(id)),
      setBegun: (hasBegun) => {
        if (hasBegun) this.#begun.add(id);
        else this.#begun.delete(id);
        return Promise.resolve();
      },
      runner: {
        async deliver(delivery) {
          const messages = messagesOf(delivery);
          seen.push(messages);
          report(delivery, messages, await run?.(messages) ?? {});
        },
      },
    });
    this.#sources.push(source);
    return { source, seen, deaths };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const source of this.#sources) await source[Symbol.asyncDispose]();
    await this.hub[Symbol.asyncDispose]();
    this.#link[Symbol.dispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

function toPlan(options: StreamRegistration): RegistrationPlan {
  const { prefix = "s", fromId = "0-0", batch = 1, durationMs = 0, trimStream = true } = options;
  const failure = {
    ...{ policy: "continue", retryIntervalMs: 1, maxRetryIntervalMs: 2 } as const,
    ...{ attempts: 1, deadLetters: 10 },
  };
  return {
    trigger: { reader: "StreamReader", prefix, fromId, batch, durationMs, trimStream },
    failure: { ...failure, ...options.failure },
    flow: { ratePerSecond: options.ratePerSecond ?? null },
  } as unknown as RegistrationPlan;
}

function field(fields: readonly unknown[], name: string): unknown {
  return fields[fields.indexOf(name) + 1];
}

function messagesOf({ payload }: Delivery): string[] {
  if (payload.kind !== "stream") throw new TypeError("expected messages of a stream");
  const text = new TextDecoder().decode(payload.entries);
  return Array.from(text.matchAll(/\$1\r\nn\r\n\$\d+\r\n(\d+)/g), ([, n]) => n);
}

function report(
  { batch, onDone }: Delivery,
  messages: readonly string[],
  failed: Record<string, string>,
): void {
  const done = messages.keys().filter((at) => at % batch === 0).toArray();
  const failures = done.flatMap((at) => {
    const culprit = messages.slice(at, at + batch).find((message) => message in failed);
    return culprit === undefined ? [] : [{ at, errors: [failed[culprit]], isFinal: false }];
  });
  onDone({ done, failures });
}
