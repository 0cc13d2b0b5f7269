/**
 * The module of a sandbox, before and after it is loaded, and what the runtime asks of it.
 *
 * ```text
 *  UNLOADED ── load ──► LoadedModule
 * ```
 *
 * @module
 */

import { GearsError } from "../../../sdk/base/gears_error.ts";
import type { ToSandbox } from "../../../contract/isolate/messages/messages.ts";
import { Deliveries } from "../events/deliveries.ts";
import type { EventDeps } from "../events/event_deps.ts";
import { makeEventRun } from "../events/event_runs.ts";
import { TriggerRuns } from "../events/trigger_runs.ts";
import type { GuestModule, InvocationContext } from "../guest/guest.ts";
import { Invocations } from "./invocations.ts";
import type { Runs } from "./runs.ts";

/** A message that is for a module which is loaded. */
export type ModuleMessage = Extract<
  ToSandbox,
  {
    type: "invoke" | "runExport" | "fetch" | "events" | "eventsEnd" | "trigger" | "runEvents";
  }
>;

/** A module in one of its states. */
export interface ModuleState {
  /** Does what a message asks for. */
  take(message: ModuleMessage): void;
}

/** The state before a load: the runtime asks for nothing yet. */
export const UNLOADED: ModuleState = {
  take({ type }) {
    throw new GearsError(`No module is loaded that could take the message "${type}"`);
  },
};

/** The parts of a session that its module uses. */
export interface ModuleDeps extends EventDeps {
  readonly runs: Pick<Runs, "ask">;
}

/** The state after a load. */
export class LoadedModule implements ModuleState {
  readonly #deps: ModuleDeps;
  readonly #invocations: Invocations;
  readonly #deliveries: Deliveries;
  readonly #triggerRuns: TriggerRuns;

  constructor(module: GuestModule, deps: ModuleDeps, context: InvocationContext) {
    this.#deps = deps;
    const { runs, guest: { errors } } = deps;
    this.#invocations = new Invocations(module, { runs, errors }, context);
    this.#deliveries = new Deliveries(deps);
    this.#triggerRuns = new TriggerRuns(deps);
  }

  take(message: ModuleMessage): void {
    switch (message.type) {
      case "invoke":
        return this.#invocations.invoke(message.id, message.exportName, message.body);
      case "runExport":
        return this.#invocations.runExport(message.id, message.exportName, message.body);
      case "fetch":
        return void this.#invocations.fetch(message);
      case "events":
        return this.#deliveries.take(message);
      case "eventsEnd":
        return this.#deliveries.end(message);
      case "trigger":
        return this.#triggerRuns.run(message);
      case "runEvents":
        return this.#runEvents(message);
      default:
        message satisfies never;
    }
  }

  /** Asks for a run of events; the runtime has called for it under the number of the message. */
  #runEvents(message: Extract<ModuleMessage, { type: "runEvents" }>): void {
    const { runs, registrationAt } = this.#deps;
    const registration = registrationAt(message.registration);
    const { compiled, happened } = makeEventRun(registration, message, this.#deliveries);
    void runs.ask(compiled, { invocation: message.id, happened });
  }
}
