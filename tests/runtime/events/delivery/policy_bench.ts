/**
 * A policy runner with a function that answers deliveries as a test says.
 *
 * @module
 */

import type { EventFailure } from "../../../../contract/isolate/messages/events.ts";
import type { FailureSpec } from "../../../../contract/plan/registration.ts";
import { PolicyRunner } from "../../../../runtime/events/delivery/policy_runner.ts";
import type { EventList } from "../../../../runtime/events/source/event_list.ts";
import type { Delivery } from "../../../../runtime/events/source/event_source.ts";

type RunnerOptions = ConstructorParameters<typeof PolicyRunner>[0];

/** A delivery as a test sees it. */
export interface Delivered {
  /** Names of the events: `0` is the first one of its list. */
  readonly events: readonly string[];
  readonly batch: number;
  readonly isSuspect: boolean;
  readonly depths: readonly number[] | undefined;
  readonly signal: AbortSignal | undefined;
  /** Reports all executions that hold none of these events as over, and these as failed. */
  report(failed?: Readonly<Record<string, string>>, isFinal?: boolean): void;
  /** Reports some executions, by the places of their first events. */
  reportOnly(done: readonly number[], failures?: readonly EventFailure[]): void;
}

/** What is observed of a list. */
export class ListenedList implements EventList {
  readonly count: number;
  /** Places in the order in which they were settled. */
  readonly settled: number[] = [];
  readonly #name: string;
  readonly #depths: readonly number[] | undefined;

  constructor(count: number, options: { readonly name?: string; depths?: readonly number[] } = {}) {
    this.count = count;
    this.#name = options.name ?? "";
    this.#depths = options.depths;
  }

  payload(from: number, to: number): Delivery["payload"] {
    const keys = Array.from({ length: to - from }, (_, at) => `${this.#name}${from + at}`);
    return { kind: "keys", keys, events: keys.map(() => "set") };
  }

  depths(from: number, to: number): readonly number[] | undefined {
    return this.#depths?.slice(from, to);
  }

  happenedAt(place: number): number {
    return 1_000 + place;
  }

  settle(places: readonly number[]): void {
    this.settled.push(...places);
  }

  deadEvent(place: number): { key: string; eventId: string; payload: Delivery["payload"] } {
    return {
      key: `${this.#name}${place}`,
      eventId: `${place}`,
      payload: this.payload(place, place + 1),
    };
  }
}

/** What a bench is made with. */
export interface BenchOptions {
  readonly failure?: Partial<FailureSpec>;
  readonly batch?: number;
  readonly answer: (delivered: Delivered, call: number) => void | Promise<void>;
  readonly bury?: RunnerOptions["bury"];
}

/** What a runner did. */
export interface PolicyBench {
  readonly runner: PolicyRunner;
  /** Events of each delivery. */
  readonly deliveries: Delivered[];
  readonly letters: { key: string; error: string; attempts: number }[];
  readonly hindrances: (string | null)[];
  readonly chains: string[];
  readonly deaths: string[];
}

const RETRY: FailureSpec = {
  policy: "retry",
  retryIntervalMs: 1,
  maxRetryIntervalMs: 2,
  attempts: 2,
  deadLetters: 10,
};

/** Makes a runner whose deliveries `answer` answers. */
export function openPolicyBench({ failure, batch = 1, answer, bury }: BenchOptions): PolicyBench {
  const deliveries: Delivered[] = [];
  const letters: PolicyBench["letters"] = [];
  const hindrances: (string | null)[] = [];
  const chains: string[] = [];
  const deaths: string[] = [];
  const runner = new PolicyRunner({
    failure: { ...RETRY, ...failure },
    batch,
    runner: {
      async deliver(delivery, signal) {
        const delivered = toDelivered(delivery, signal);
        deliveries.push(delivered);
        await answer(delivered, deliveries.length);
      },
    },
    async bury(event, death) {
      await bury?.(event, death);
      letters.push({ key: event.key, ...death });
    },
    onChain: (key) => void chains.push(key),
    onDeath: (error) => void deaths.push(error),
    onHindrance: (hindrance) => void hindrances.push(hindrance?.reason ?? null),
  });
  return { runner, deliveries, letters, hindrances, chains, deaths };
}

function toDelivered(delivery: Delivery, signal: AbortSignal | undefined): Delivered {
  const { payload, batch, isSuspect = false, depths } = delivery;
  if (payload.kind !== "keys") throw new TypeError("expected events of keys");
  const events = payload.keys.map(String);
  const reportOnly = (done: readonly number[], failures: readonly EventFailure[] = []) =>
    delivery.onDone({ done, failures });
  return {
    ...{ events, batch, isSuspect, depths, signal, reportOnly },
    report(failed = {}, isFinal = false) {
      const done: number[] = [];
      const failures: EventFailure[] = [];
      for (let at = 0; at < events.length; at += batch) {
        done.push(at);
        const culprit = events.slice(at, at + batch).find((event) => event in failed);
        if (culprit !== undefined) failures.push({ at, errors: [failed[culprit]], isFinal });
      }
      reportOnly(done, failures);
    },
  };
}
