/**
 * Events on their way to the registrations of this sandbox's module.
 *
 * @module
 */

import type {
  EventPayload,
  EventsEndMessage,
  EventsMessage,
} from "../../../contract/isolate/messages/events.ts";
import type { EventRecords } from "../readers/event_records.ts";
import type { EventDeps } from "./event_deps.ts";
import { EventFlow } from "./event_flow.ts";
import { Outcomes } from "./outcomes.ts";
import { RegisteredPlan } from "./registered_plan.ts";

/** Hands deliveries to the flows of their registrations. */
export class Deliveries {
  readonly #deps: EventDeps;
  readonly #outcomes: Outcomes;
  /** Flows by index of the registration; made when its first event comes. */
  readonly #flows: (EventFlow | undefined)[] = [];

  constructor(deps: EventDeps) {
    this.#deps = deps;
    this.#outcomes = new Outcomes(
      () => deps.commands.answered(),
      (error) => deps.guest.errors.describe(error),
    );
  }

  /** Runs the events of a delivery. */
  take(message: EventsMessage): void {
    this.#flowOf(message.registration).take(message);
  }

  /** The records of events that are run in another way. */
  open(registration: number, payload: EventPayload): EventRecords {
    return this.#flowOf(registration).open(payload);
  }

  /** Ends a delivery: what has not begun of it does not begin any more. */
  end({ id }: EventsEndMessage): void {
    for (const flow of this.#flows) flow?.end(id);
  }

  #flowOf(index: number): EventFlow {
    return this.#flows[index] ??= this.#openFlow(index);
  }

  #openFlow(index: number): EventFlow {
    const { guest, commands, registrationAt, markPrefix, execute } = this.#deps;
    const compiled = registrationAt(index);
    const plan = new RegisteredPlan(compiled, {
      isCommand: (promise) => commands.isLast(promise),
      fuse: guest.fuse,
    });
    return new EventFlow(plan, {
      outcomes: this.#outcomes,
      commandsGiven: () => commands.given,
      marks: (windowMs) => ({ prefix: markPrefix(index), windowMs, execute }),
    });
  }
}
