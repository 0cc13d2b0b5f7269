/**
 * Fires one KeysReader registration: takes events of keys, holds back, hands over.
 *
 * ```text
 *   KeyEventSource ──► debounce ──► queue (bounded) ──► rate ──► deliveries ──► EventRunner
 * ```
 *
 * An event whose execution was under way when the isolate died is run again; one that kills the
 * isolate alone is given up.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { KeysTrigger, RegistrationPlan } from "../../../sdk/plan/registration.ts";
import { MAX_CHAIN_DEPTH } from "../chains.ts";
import type { EventRunner, EventSource, ExecutionObserver, Hindrance } from "../event_source.ts";
import { pause } from "../pause.ts";
import { RateLimit } from "../rate_limit.ts";
import { Debounce } from "./debounce.ts";
import { eventsOf } from "./event_filter.ts";
import { EventQueue, type QueuedEvent } from "./event_queue.ts";
import { Flight } from "./flight.ts";
import type {
  KeyEventListener,
  KeyEventSource,
  KeyEventSubscription,
  KeyName,
} from "./key_event_source.ts";

/** Where the figures of a registration go. */
export interface KeysStatistics extends ExecutionObserver {
  /** So many events were dropped. */
  skipped(events: number): void;
  /** Something failed that is no execution. */
  failed(error: string): void;
}

/** What a source needs of its registration. */
export interface KeysSourcePlace {
  readonly plan: RegistrationPlan;
  /** What people call it, such as `registration "count" of library "shop"`. */
  readonly title: string;
  readonly events: KeyEventSource;
  readonly runner: EventRunner;
  readonly statistics: KeysStatistics;
  log(level: "notice" | "warning", message: string): void;
}

/** Deliveries that may be under way. */
const MAX_FLIGHTS = 4;
/** Events of a delivery: few where they take long, so that values are not read long before. */
const MIN_EVENTS = 16;
const MAX_EVENTS = 512;
const QUICK_MS = 50;
const SLOW_MS = 500;
/** First and longest pause where the library cannot run now, in milliseconds. */
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 10_000;
/** Time between two warnings of the same kind, in milliseconds. */
const WARN_MS = 10_000;

/** See the module. */
export class KeysSource implements EventSource, KeyEventListener {
  readonly prefix: string;
  readonly events: ReadonlySet<string> | null;
  readonly #place: KeysSourcePlace;
  readonly #queue = new EventQueue();
  readonly #debounce: Debounce | null;
  readonly #rate: RateLimit | null;
  readonly #flights = new Set<Promise<void>>();
  /** Events whose delivery failed, in their order; they come first. */
  #returned: Flight[] = [];
  #subscription: KeyEventSubscription | null = null;
  #work: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  #wake: (() => void) | null = null;
  #isDraining = false;
  #size = MIN_EVENTS;
  #flightNumber = 0;
  #hindrance: Hindrance | null = null;
  #pauseMs = 0;
  #warnedAt = new Map<string, number>();

  /** @throws `BAD_PLAN` where the registration could never fire */
  constructor(place: KeysSourcePlace) {
    const trigger = place.plan.trigger as KeysTrigger;
    const { debounceMs, ratePerSecond } = place.plan.flow;
    this.#place = place;
    this.prefix = trigger.prefix;
    this.events = eventsOf(trigger);
    this.#debounce = debounceMs === null
      ? null
      : new Debounce(debounceMs, (event) => this.#enqueue(event));
    this.#rate = ratePerSecond === null ? null : new RateLimit(ratePerSecond, performance.now());
  }

  get hindrance(): Hindrance | null {
    const { outage } = this.#place.events;
    if (this.#hindrance !== null || outage === null || this.#subscription === null) {
      return this.#hindrance;
    }
    return { status: "WAITING_FOR_RETRY_ON_FAILURE", reason: outage };
  }

  get backlog(): number {
    return this.#queue.size + (this.#debounce?.size ?? 0);
  }

  get description(): string {
    const { count, totalMs } = this.#subscription?.gaps ?? { count: 0, totalMs: 0 };
    const { coalesced, dropped } = this.#queue;
    return [
      this.#place.events.description,
      ...(count > 0
        ? [`events of ${count} interruptions, ${Math.round(totalMs)} ms in all, may be lost`]
        : []),
      ...(coalesced > 0 ? [`${coalesced} events merged with later ones of their keys`] : []),
      ...(dropped > 0 ? [`${dropped} events dropped`] : []),
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
      await this.#place.events.check(this);
      if (abort.signal.aborted) return;
      this.#subscription = this.#place.events.listen(this);
      await this.#subscription.ready;
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
    const lost = this.#queue.clear() + (this.#debounce?.clear() ?? 0) +
      this.#returned.splice(0).reduce((sum, { open }) => sum + open.length, 0);
    if (lost > 0) this.#place.statistics.skipped(lost);
  }

  /** Marks of events that were there already are forgotten by Redis itself. */
  async forget(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  onKeyEvent(key: KeyName, event: string, depth: number): void {
    if (depth >= MAX_CHAIN_DEPTH) return this.#endChain(key);
    const queued = { key, event, depth, at: Date.now() };
    if (this.#debounce === null) this.#enqueue(queued);
    else this.#debounce.push(queued);
  }

  #enqueue(event: QueuedEvent): void {
    const { coalesced } = this.#queue;
    if (!this.#queue.push(event)) {
      this.#place.statistics.skipped(1);
      this.#warn("dropped", () => `events are dropped, as ${this.#queue.size} wait already`);
    }
    if (this.#queue.coalesced > coalesced) {
      this.#warn("merged", () => "events were merged with later ones of their keys: too many wait");
    }
    this.#wake?.();
  }

  /** Stops a chain of registrations that fire each other. */
  #endChain(key: KeyName): void {
    const { statistics, title, log } = this.#place;
    const name = typeof key === "string" ? key : new TextDecoder().decode(key);
    const message = `LOOP ${title} was not run for the key ${JSON.stringify(name)}: ` +
      `${MAX_CHAIN_DEPTH} registrations' writes, one after the other, led to this event; let it ` +
      "write keys that do not fire it, or write only where something changes";
    statistics.began(1);
    statistics.ended({
      executions: 1,
      failures: [{ at: 0, errors: [message], isFinal: true }],
      totalDurationMs: 0,
      lastDurationMs: 0,
      lagMs: null,
    });
    if (this.#mayWarn("chain")) log("warning", message);
  }

  /** Hands events over for as long as the source is at work. */
  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#returned.length > 0) await this.#takeBack(signal);
      else if (this.#flights.size >= MAX_FLIGHTS) await this.#somethingToDo();
      else if (this.#queue.size > 0) await this.#handOver(signal);
      else if (this.#isDraining && this.#flights.size === 0) break;
      else await this.#somethingToDo();
    }
    await Promise.all(this.#flights);
  }

  /** Resolves when an event has come or a delivery is over. */
  async #somethingToDo(): Promise<void> {
    await new Promise<void>((resolve) => this.#wake = resolve);
    this.#wake = null;
  }

  async #handOver(signal: AbortSignal): Promise<void> {
    const permits = this.#rate?.take(this.#size, performance.now()) ?? this.#size;
    if (permits === 0) return await pause(this.#rate!.waitMs, signal);
    const flying = this.#fly(this.#queue.take(permits), signal, false);
    this.#flights.add(flying);
    void flying.then(() => {
      this.#flights.delete(flying);
      this.#wake?.();
    });
  }

  /** Delivers events; what was not run is among the returned ones afterwards. */
  async #fly(
    events: readonly QueuedEvent[],
    signal: AbortSignal,
    isSuspect: boolean,
  ): Promise<void> {
    const flight = new Flight(this.#flightNumber++, events);
    const startedAt = performance.now();
    try {
      await this.#place.runner.deliver(flight.delivery(isSuspect), signal);
      const tookMs = performance.now() - startedAt;
      if (tookMs < QUICK_MS) this.#size = Math.min(MAX_EVENTS, this.#size * 2);
      else if (tookMs > SLOW_MS) this.#size = Math.max(MIN_EVENTS, this.#size >> 1);
      this.#pauseMs = 0;
      if (this.#hindrance?.status !== "ABORTED") this.#hindrance = null;
    } catch (error) {
      flight.error = PinionError.from(error);
    }
    if (flight.hasFailures && this.#place.plan.failure.policy === "abort") this.#abortByPolicy();
    if (flight.open.length > 0) this.#returned.push(flight);
  }

  /** Takes care of what came back, when nothing else is under way. */
  async #takeBack(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#flights);
    const flights = this.#returned.splice(0).sort((a, b) => a.number - b.number);
    const events = flights.flatMap(({ open }) => open);
    const died = flights.find(({ isDeath }) => isDeath);
    if (died !== undefined && !signal.aborted) return await this.#runSuspects(events, signal);
    this.#queue.putBack(events);
    const error = flights.find(({ error }) => error !== null)?.error;
    if (error === undefined || error === null || signal.aborted) return;
    // An upgrade: the next delivery goes to the new session.
    if (error.code === "EXECUTION_ABORTED") return;
    this.#hindrance = { status: "WAITING_FOR_RETRY_ON_FAILURE", reason: error.message };
    this.#place.statistics.failed(error.message);
    this.#pauseMs = Math.min(LAST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, this.#pauseMs * 2));
    await pause(this.#pauseMs, signal);
  }

  /** Finds the event that ends the isolate, by halves; the others are run. */
  async #runSuspects(events: readonly QueuedEvent[], signal: AbortSignal): Promise<void> {
    const parts = [events];
    while (parts.length > 0 && !signal.aborted) {
      await this.#fly(parts.pop()!, signal, true);
      const [flight] = this.#returned.splice(0);
      if (flight === undefined) continue;
      const { open, isDeath } = flight;
      if (!isDeath) {
        this.#returned.push(flight);
        break;
      }
      if (open.length === 1) this.#giveUp(open[0], flight.error!);
      else {
        const middle = open.length >> 1;
        parts.push(open.slice(middle), open.slice(0, middle));
      }
    }
    this.#queue.putBack(parts.reverse().flat());
  }

  #giveUp({ key, event }: QueuedEvent, error: PinionError): void {
    const { statistics, title } = this.#place;
    const name = typeof key === "string" ? key : new TextDecoder().decode(key);
    statistics.failed(error.message);
    this.#place.log(
      "warning",
      `${title} was ended by the event ${event} of the key ${JSON.stringify(name)}, which is not ` +
        `run again: ${error.message}`,
    );
  }

  #abortByPolicy(): void {
    const { log, title } = this.#place;
    if (this.#hindrance?.status === "ABORTED") return;
    const reason = "an execution failed, and its policy is abort; resume it to go on";
    this.#hindrance = { status: "ABORTED", reason };
    log("warning", `${title} was stopped: ${reason}`);
    void this.#unsubscribe();
    this.#work?.abort.abort();
    this.#wake?.();
  }

  async #unsubscribe(): Promise<void> {
    const subscription = this.#subscription;
    this.#subscription = null;
    await subscription?.end();
  }

  #warn(kind: string, explain: () => string): void {
    if (this.#mayWarn(kind)) this.#place.log("warning", `${this.#place.title}: ${explain()}`);
  }

  #mayWarn(kind: string): boolean {
    const now = performance.now();
    if (now - (this.#warnedAt.get(kind) ?? -Infinity) < WARN_MS) return false;
    this.#warnedAt.set(kind, now);
    return true;
  }
}
