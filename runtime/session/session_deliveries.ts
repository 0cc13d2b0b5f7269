/**
 * The deliveries of events that are under way in a session.
 *
 * What the sandbox says of them is checked against what it was given: a place that is not in the
 * delivery, or one that comes twice, ends the isolate.
 *
 * @module
 */

import type { PinionError } from "../../errors.ts";
import type {
  EventPayload,
  EventsDoneMessage,
  EventsEndMessage,
  EventsMessage,
} from "../../contract/isolate/messages/events.ts";
import { SlotTable } from "../base/slot_table.ts";
import { tooLong } from "./base/limit_errors.ts";

/** Events that are to be run. */
export interface DeliveryRequest extends Pick<EventsMessage, "registration" | "payload" | "batch"> {
  readonly depths?: readonly number[];
  /** Called with what the sandbox says, errors with the author's places. */
  onDone(message: EventsDoneMessage): void;
}

/** Services that deliveries use. */
export interface DeliveriesDeps {
  readonly executionTimeoutMs: number;
  send(message: EventsMessage | EventsEndMessage): void;
  /** Rewrites places in an error to the author's files. */
  mapText(text: string): string;
  /** An execution has taken longer than it may. */
  onExpired(reason: PinionError): void;
}

interface Pending {
  id: number;
  readonly request: DeliveryRequest;
  /** By number of the execution: whether it is over. */
  readonly over: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: PinionError) => void;
  /**
   * Name of a lane, which runs one delivery after the other; null where deliveries do not wait for
   * each other.
   */
  readonly lane: string | null;
  /** When it was sent, or something of it was over last. */
  movedAt: number;
}

/** Time between two looks at all deliveries, in milliseconds. */
const SWEEP_MS = 50;

/** Keeps a session's deliveries and checks their outcomes. */
export class SessionDeliveries {
  readonly #deps: DeliveriesDeps;
  readonly #pending = new SlotTable<Pending>();
  /** The deliveries of each lane, in order. */
  readonly #lanes = new Map<string, Pending[]>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
  }

  /** Number of those that are under way. */
  get size(): number {
    return this.#pending.size;
  }

  /** Sends a delivery; see `Session.deliver`. */
  start(request: DeliveryRequest, signal?: AbortSignal): Promise<void> {
    const { registration, payload, batch, depths } = request;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const over = new Uint8Array(Math.ceil(countOf(payload) / batch));
    const lane = laneOf(registration, payload);
    const pending: Pending = {
      ...{ id: 0, request, over, resolve, reject, lane, movedAt: performance.now() },
    };
    const id = pending.id = this.#pending.add(pending);
    if (lane !== null) this.#enterLane(lane, pending);
    this.#timer ??= setTimeout(() => this.#sweep(), SWEEP_MS);
    this.#deps.send({
      ...{ type: "events", id, registration, payload, batch },
      ...(depths !== undefined && { depths }),
    });
    if (signal === undefined) return promise;
    const end = () => this.#deps.send({ type: "eventsEnd", id });
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", end));
  }

  /** The sandbox says that executions are over. @throws RangeError where that cannot be */
  done(message: EventsDoneMessage): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) {
      throw new RangeError(`expected no delivery ${message.id} to be over`);
    }
    const { request, over } = pending;
    for (const at of message.done) {
      const execution = at / request.batch;
      if (over[execution] !== 0) throw new RangeError(`expected no execution at ${at} to be over`);
      over[execution] = 1;
    }
    if (message.skipped > message.done.length) throw new RangeError("expected fewer to be skipped");
    requirePlaces(message);
    pending.movedAt = performance.now();
    const failures = message.failures.map(({ errors, ...failure }) => ({
      ...failure,
      errors: errors.map((text) => this.#deps.mapText(text)),
    }));
    request.onDone(failures.length === 0 ? message : { ...message, failures });
    if (message.isLast) this.#remove(pending).resolve();
  }

  /** Fails all that are under way. */
  failAll(reason: PinionError): void {
    for (const pending of this.#pending) this.#remove(pending).reject(reason);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #remove(pending: Pending): Pending {
    this.#pending.take(pending.id);
    if (pending.lane !== null) this.#leaveLane(pending.lane, pending);
    return pending;
  }

  #enterLane(lane: string, pending: Pending): void {
    const waiting = this.#lanes.get(lane);
    if (waiting === undefined) this.#lanes.set(lane, [pending]);
    else waiting.push(pending);
  }

  #leaveLane(lane: string, pending: Pending): void {
    const waiting = this.#lanes.get(lane)!;
    waiting.splice(waiting.indexOf(pending), 1);
    if (waiting.length === 0) this.#lanes.delete(lane);
    else waiting[0].movedAt = performance.now();
  }

  /**
   * An execution of the delivery that is its lane's first has begun when the one before was over.
   */
  #sweep(): void {
    this.#timer = undefined;
    const { executionTimeoutMs } = this.#deps;
    const before = performance.now() - executionTimeoutMs;
    for (const pending of this.#pending) {
      const { lane, movedAt } = pending;
      const isFirst = lane === null || this.#lanes.get(lane)![0] === pending;
      if (!isFirst || movedAt > before) continue;
      const reason = tooLong("an execution", executionTimeoutMs, "executionTimeoutMs");
      this.#remove(pending).reject(reason);
      return this.#deps.onExpired(reason);
    }
    if (this.#pending.size > 0) this.#timer = setTimeout(() => this.#sweep(), SWEEP_MS);
  }
}

/**
 * Messages of one stream run one after the other; events of keys begin in the order they came in.
 */
function laneOf(registration: number, payload: EventPayload): string | null {
  if (payload.kind === "stream") return `${registration} ${payload.key}`;
  return payload.kind === "keys" ? String(registration) : null;
}

/** Counts the events of a payload. */
export function countOf(payload: EventPayload): number {
  if (payload.kind === "stream") return payload.count;
  return payload.kind === "keys" ? payload.keys.length : 1;
}

/** @throws RangeError where a failure is of no execution that the message names, or comes twice */
function requirePlaces({ done, failures }: EventsDoneMessage): void {
  if (failures.length === 0) return;
  const places = new Set(done);
  for (const { at } of failures) {
    if (!places.delete(at)) throw new RangeError(`expected no failure at ${at}`);
  }
}
