/**
 * Fires one KeysReader registration: takes events of keys, holds back, hands over.
 *
 * ```text
 *   KeyEventSource ──► debounce ──► queue (bounded) ──► rate ──► deliveries ──► EventRunner
 * ```
 *
 * What fails is dealt with by `policy_runner.ts`. Events that wait are not kept: they are lost with
 * the runtime, or where the registration is paused, and are counted as skipped then.
 *
 * @module
 */

import { delay } from "@std/async";
import type { KeysTrigger, RegistrationPlan } from "../../../../contract/plan/registration.ts";
import type { BlockReason, EventSource, ExecutionObserver } from "../../source/event_source.ts";
import { PolicyRunner, type PolicyRunnerDeps } from "../../delivery/policy_runner.ts";
import { RateLimit } from "../../delivery/rate_limit.ts";
import { Debounce } from "./debounce.ts";
import type { KeyName } from "../../../../contract/isolate/key_name.ts";
import { DeliverySize } from "./delivery_size.ts";
import { eventsOf } from "./event_filter.ts";
import { EventQueue, MAX_QUEUED, type QueuedEvent } from "./event_queue.ts";
import { GapBook } from "../capture/gap_book.ts";
import { KeyEvents } from "./key_events.ts";
import { WarningGate } from "./warning_gate.ts";
import type { QueueBudget } from "./queue_budget.ts";
import type {
  KeyEventListener,
  KeyEventSource,
  KeyEventSubscription,
} from "../capture/key_event_source.ts";

/** Figures of a KeysReader registration. */
export interface KeysStatistics extends ExecutionObserver {
  /** So many events were dropped. */
  skipped(events: number): void;
  /** Something failed that is no execution. */
  failed(error: string): void;
}

/** Services that a source uses of its registration. */
export interface KeysSourceDeps
  extends Pick<PolicyRunnerDeps, "runner" | "bury" | "onChain" | "onDeath"> {
  readonly plan: RegistrationPlan;
  /** Name for people, such as `registration "count" of library "shop"`. */
  readonly title: string;
  readonly events: KeyEventSource;
  /** For what waits; shared by all registrations of the shard. */
  readonly room: QueueBudget;
  readonly statistics: KeysStatistics;
  log(level: "notice" | "warning", message: string): void;
}

/** Deliveries that may be under way; one where a failure holds up what comes after it. */
const MAX_DELIVERIES = 4;

/** Fires one KeysReader registration. */
export class KeysSource implements EventSource, KeyEventListener {
  readonly prefix: string;
  readonly events: ReadonlySet<string> | null;
  readonly #deps: KeysSourceDeps;
  readonly #queue: EventQueue;
  readonly #debounce: Debounce | null;
  readonly #rate: RateLimit | null;
  readonly #policy: PolicyRunner;
  /** Deliveries that are not over. */
  readonly #underWay = new Set<Promise<void>>();
  #subscription: KeyEventSubscription | null = null;
  /** Times without events: where it was stopped, and those of subscriptions that are over. */
  readonly #gaps = new GapBook();
  #work: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  #wake: (() => void) | null = null;
  #isDraining = false;
  readonly #size = new DeliverySize();
  #hindrance: BlockReason | null = null;
  readonly #warnings = new WarningGate();

  /** @throws `BAD_PLAN` where the registration could never fire */
  constructor(deps: KeysSourceDeps) {
    const trigger = deps.plan.trigger as KeysTrigger;
    const { debounceMs, ratePerSecond } = deps.plan.flow;
    this.#deps = deps;
    this.#queue = new EventQueue(MAX_QUEUED, deps.room);
    this.prefix = trigger.prefix;
    this.events = eventsOf(trigger);
    this.#debounce = debounceMs === null
      ? null
      : new Debounce(debounceMs, (event) => this.#enqueue(event), deps.room);
    this.#policy = new PolicyRunner({
      failure: deps.plan.failure,
      batch: 1,
      runner: deps.runner,
      bury: deps.bury,
      onChain: deps.onChain,
      onDeath: deps.onDeath,
      onHindrance: (hindrance) => {
        if (this.#hindrance?.status !== "ABORTED") this.#hindrance = hindrance;
      },
    });
    this.#rate = ratePerSecond === null ? null : new RateLimit(ratePerSecond, performance.now());
  }

  get hindrance(): BlockReason | null {
    const { outage } = this.#deps.events;
    if (this.#hindrance !== null || outage === null || this.#subscription === null) {
      return this.#hindrance;
    }
    return { status: "WAITING_FOR_RETRY_ON_FAILURE", reason: outage };
  }

  get backlog(): number {
    return this.#queue.size + (this.#debounce?.size ?? 0);
  }

  get description(): string {
    return [
      this.#deps.events.description,
      ...describeGaps(this.#gaps.at(Date.now(), this.#subscription?.gaps)),
      ...describeLosses(this.#queue),
    ].join("; ");
  }

  async start(): Promise<void> {
    if (this.#work?.abort.signal.aborted) await this.stop();
    if (this.#work !== null) return;
    this.#isDraining = false;
    this.#hindrance = null;
    const abort = new AbortController();
    this.#work = { abort, done: this.#run(abort.signal) };
    try {
      await this.#deps.events.check(this);
      if (abort.signal.aborted) return;
      this.#subscription = this.#deps.events.listen(this);
      await this.#subscription.ready;
      this.#gaps.close(Date.now());
    } catch (error) {
      if (abort.signal.aborted) return;
      await this.stop();
      throw error;
    }
  }

  async drain(): Promise<void> {
    const unsubscribed = this.#unsubscribe();
    this.#isDraining = true;
    this.#debounce?.flush();
    this.#wake?.();
    await this.#work?.done;
    this.#work = null;
    await unsubscribed;
  }

  async stop(): Promise<void> {
    const unsubscribed = this.#unsubscribe();
    this.#work?.abort.abort();
    this.#wake?.();
    await this.#work?.done;
    this.#work = null;
    await unsubscribed;
    const lost = this.#queue.clear() + (this.#debounce?.clear() ?? 0);
    if (lost > 0) this.#deps.statistics.skipped(lost);
  }

  /** Marks of events that were there already are forgotten by Redis itself. */
  async forget(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  onKeyEvent(key: KeyName, event: string, depth: number): void {
    const queued = { key, event, depth, at: Date.now() };
    if (this.#debounce === null) this.#enqueue(queued);
    else this.#debounce.push(queued);
  }

  #enqueue(event: QueuedEvent): void {
    const { coalesced } = this.#queue;
    if (!this.#queue.push(event)) {
      this.#deps.statistics.skipped(1);
      this.#warn("dropped", () => `events are dropped, as ${this.#queue.size} wait already`);
    }
    if (this.#queue.coalesced > coalesced) {
      this.#warn("merged", () => "events were merged with later ones of their keys: too many wait");
    }
    this.#wake?.();
  }

  /** Hands events over for as long as the source is at work. */
  async #run(signal: AbortSignal): Promise<void> {
    const maxDeliveries = this.#deps.plan.failure.policy === "continue" ? MAX_DELIVERIES : 1;
    while (!signal.aborted) {
      if (this.#underWay.size >= maxDeliveries) await this.#somethingToDo();
      else if (this.#queue.size > 0) await this.#handOver(signal);
      else if (this.#isDraining && this.#underWay.size === 0) break;
      else await this.#somethingToDo();
    }
    await Promise.all(this.#underWay);
  }

  /** Resolves when an event has come or a delivery is over. */
  async #somethingToDo(): Promise<void> {
    await new Promise<void>((resolve) => this.#wake = resolve);
    this.#wake = null;
  }

  async #handOver(signal: AbortSignal): Promise<void> {
    const { events } = this.#size;
    const permits = this.#rate?.take(events, performance.now()) ?? events;
    // Where it is aborted meanwhile, the loop ends by itself.
    if (permits === 0) return await delay(this.#rate!.waitMs, { signal }).catch(() => {});
    const delivering = this.#deliver(new KeyEvents(this.#queue.take(permits)), signal);
    this.#underWay.add(delivering);
    void delivering.then(() => {
      this.#underWay.delete(delivering);
      this.#wake?.();
    });
  }

  /** Runs events until they are over. Never rejects. */
  async #deliver(events: KeyEvents, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    try {
      await this.#policy.run(events, signal);
      this.#size.ended(events.count, performance.now() - startedAt, this.#queue.size);
    } catch (error) {
      this.#deps.statistics.skipped(events.open);
      if (!signal.aborted) this.#abort(error);
    }
  }

  /** Something ends all of it: the policy, or the library is gone. */
  #abort(error: unknown): void {
    const { message: reason } = error as Error;
    this.#hindrance = { status: "ABORTED", reason };
    this.#deps.log("warning", `${this.#deps.title} was stopped: ${reason}`);
    void this.#unsubscribe();
    this.#work?.abort.abort();
    this.#wake?.();
  }

  async #unsubscribe(): Promise<void> {
    const subscription = this.#subscription;
    if (subscription === null) return;
    this.#subscription = null;
    this.#gaps.take(subscription.gaps);
    this.#gaps.open(Date.now());
    await subscription.end();
  }

  #warn(kind: string, explain: () => string): void {
    if (this.#warnings.may(kind)) this.#deps.log("warning", `${this.#deps.title}: ${explain()}`);
  }
}

function describeGaps({ count, totalMs }: ReturnType<GapBook["at"]>): string[] {
  if (count === 0) return [];
  const interruptions = `${count} interruption${count === 1 ? "" : "s"}`;
  return [`events of ${interruptions}, ${Math.round(totalMs)} ms in all, may be lost`];
}

function describeLosses({ coalesced, dropped }: EventQueue): string[] {
  return [
    ...(coalesced > 0 ? [`${coalesced} events merged with later ones of their keys`] : []),
    ...(dropped > 0 ? [`${dropped} events dropped`] : []),
  ];
}
