/**
 * Takes deliveries in: opens their records, and keeps their order while some have to be read first.
 *
 * @module
 */

import type { EventPayload, EventsMessage } from "../../../contract/isolate/messages/events.ts";
import type { EventRecords } from "../readers/event_records.ts";
import { openRecords } from "../readers/open_records.ts";
import { type EventDelivery, toDelivery } from "./event_work.ts";
import { Once, type OnceDeps } from "./once.ts";
import { OnceRecords } from "./once_records.ts";
import type { RegisteredPlan } from "./registered_plan.ts";

/** The part of its flow that an intake needs. */
export interface IntakeDeps {
  /** Gives the place in Redis where ids of events are marked. */
  marks(windowMs: number): OnceDeps;
  /** Takes a delivery whose records are there. */
  admit(delivery: EventDelivery): void;
}

/** Opens the deliveries of one registration. */
export class EventIntake {
  readonly #plan: RegisteredPlan;
  readonly #deps: IntakeDeps;
  /** Knows the ids of events that were there; made when the first one comes. */
  #once: Once | null = null;
  /** Resolves when the deliveries that came so far are prepared; null where none waits for that. */
  #prepared: Promise<void> | null = null;

  constructor(plan: RegisteredPlan, deps: IntakeDeps) {
    this.#plan = plan;
    this.#deps = deps;
  }

  /** The records of a delivery, without those of events that were there before. */
  open(payload: EventPayload): EventRecords {
    const { trigger, flow: { dedupe } } = this.#plan.plan;
    const records = openRecords(payload, trigger);
    if (dedupe === null) return records;
    this.#once ??= new Once(this.#deps.marks(dedupe.windowMs));
    return new OnceRecords(records, this.#once, this.#plan.callback(dedupe.id));
  }

  /** Opens a delivery; admits it before this returns, or once its records have been read. */
  take(message: EventsMessage, onOpen: (delivery: EventDelivery) => void): void {
    const delivery = toDelivery(message, this.open(message.payload));
    onOpen(delivery);
    const prepared = delivery.records.prepare();
    if (prepared === null && this.#prepared === null) return this.#deps.admit(delivery);
    // Deliveries keep their order, also where a later one needs no reading or has it sooner.
    const admitted: Promise<void> = Promise.all([prepared, this.#prepared]).then(() => {
      if (this.#prepared === admitted) this.#prepared = null;
      this.#deps.admit(delivery);
    });
    this.#prepared = admitted;
  }
}
