/**
 * The registrations of the module in this sandbox: their plans with the author's functions, by their
 * places in the module.
 *
 * The runtime gives each its id, the same at every load.
 *
 * @module
 */

import { type ErrorData, PinionError } from "../../../errors.ts";
import type { CompiledRegistration } from "../../../sdk/compile_registration.ts";
import { GearsError, PlanError } from "../../../sdk/base/gears_error.ts";
import { describe } from "../../../sdk/operations/operation.ts";
import type { RegistrationPlan } from "../../../contract/plan/registration.ts";
import { MAX_REGISTRATIONS } from "../../../contract/isolate/module_limits.ts";
import { authorPlace, toErrorData } from "../guest/typescript/author_error.ts";
import { sendToRuntime } from "../base/border.ts";

/** See the module. */
export class Registered {
  readonly #registrations: CompiledRegistration[] = [];
  readonly #waiting = new Map<number, PromiseWithResolvers<string>>();
  readonly #names = new Set<string>();
  readonly #ids = new Map<number, string>();

  get size(): number {
    return this.#registrations.length;
  }

  /** Id of the registration at this place; undefined until the runtime has taken note of it. */
  idOf(registration: number): string | undefined {
    return this.#ids.get(registration);
  }

  /** The registration at this place. */
  at(registration: number): CompiledRegistration | undefined {
    return this.#registrations[registration];
  }

  /** Tells the runtime of one more; the promise is of its id. @throws GearsError */
  add(compiled: CompiledRegistration): Promise<string> {
    if (this.#registrations.length >= MAX_REGISTRATIONS) {
      throw new GearsError(`A module can have ${MAX_REGISTRATIONS} registrations at most`);
    }
    const plan = { ...compiled.plan, name: this.#nameOf(compiled) };
    const registration = this.#registrations.push({ ...compiled, plan }) - 1;
    const answer = Promise.withResolvers<string>();
    // An author may leave the promise alone.
    answer.promise.catch(() => {});
    this.#waiting.set(registration, answer);
    const location = authorPlace();
    sendToRuntime({ type: "register", registration, plan, ...(location && { location }) });
    return answer.promise;
  }

  /** The runtime has taken note of it. */
  confirm(registration: number, id: string): void {
    this.#ids.set(registration, id);
    this.#waiting.get(registration)?.resolve(id);
    this.#waiting.delete(registration);
  }

  /** The runtime does not take it. */
  refuse(registration: number, error: ErrorData): void {
    this.#waiting.get(registration)?.reject(PinionError.fromData(error));
    this.#waiting.delete(registration);
  }

  /** Calls the `onRegistered` of a registration; `id` is the number of the call. */
  async callOnRegistered(id: number, registration: number): Promise<void> {
    try {
      const { plan, callbacks } = this.#registrations[registration];
      if (plan.onRegistered?.source === "author") await callbacks[plan.onRegistered.index]();
      sendToRuntime({ type: "reply", id, body: new Uint8Array() });
    } catch (error) {
      sendToRuntime({ type: "failed", id, error: toErrorData(error, "FUNCTION_FAILED") });
    }
  }

  /** The author's own name, or ours with a number where it is taken. */
  #nameOf({ plan, isNamed }: CompiledRegistration): RegistrationPlan["name"] {
    const taken = this.#names.has(plan.name);
    if (taken && isNamed) {
      throw new PlanError(`The module has a registration named ${describe(plan.name)} already`);
    }
    let name = plan.name;
    for (let number = 2; this.#names.has(name); number++) name = `${plan.name}#${number}`;
    this.#names.add(name);
    return name;
  }
}
