/**
 * Events on their way to the registrations of this sandbox's module.
 *
 * @module
 */

import type { CompiledRegistration } from "../../../sdk/compile_registration.ts";
import type {
  EventPayload,
  EventsEndMessage,
  EventsMessage,
} from "../../../contract/isolate/events.ts";
import type { SandboxHost } from "../host/sandbox_host.ts";
import { EventFlow } from "./event_flow.ts";
import type { EventRecords } from "../readers/event_records.ts";
import { Outcomes } from "./outcomes.ts";
import { RegisteredPlan } from "./registered_plan.ts";

/** See the module. */
export class Deliveries {
  readonly #host: SandboxHost;
  readonly #outcomes: Outcomes;
  readonly #registrationAt: (place: number) => CompiledRegistration | undefined;
  /** By place of the registration; made when its first event comes. */
  readonly #flows: (EventFlow | undefined)[] = [];

  /** @param registrationAt The module's registration at a place. */
  constructor(
    host: SandboxHost,
    registrationAt: (place: number) => CompiledRegistration | undefined,
  ) {
    this.#host = host;
    this.#registrationAt = registrationAt;
    this.#outcomes = new Outcomes(() => host.links.answered());
  }

  /** Runs the events of a delivery. */
  take(message: EventsMessage): void {
    this.#flowOf(message.registration).take(message);
  }

  /** The records of events that are run in another way. */
  open(registration: number, payload: EventPayload): EventRecords {
    return this.#flowOf(registration).open(payload);
  }

  /** What has not begun of a delivery does not begin any more. */
  end({ id }: EventsEndMessage): void {
    for (const flow of this.#flows) flow?.end(id);
  }

  #flowOf(place: number): EventFlow {
    const host = this.#host;
    return this.#flows[place] ??= new EventFlow(
      new RegisteredPlan(
        this.#registrationAt(place)!,
        (promise) => promise === host.lastCommand,
      ),
      {
        outcomes: this.#outcomes,
        commandsGiven: () => host.links.given,
        marks: (windowMs) => ({
          prefix: `__pinion:{${host.hashtag()}}:once:${host.registered.idOf(place)}:`,
          windowMs,
          execute: (command, args) => host.links.execute(command, args),
        }),
      },
    );
  }
}
