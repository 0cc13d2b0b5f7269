/**
 * The registrations of the module that a session loads: checks what the sandbox says, and gives each
 * its id.
 *
 * @module
 */

import { PinionError, type SourceLocation } from "../../errors.ts";
import type { RegistrationPlan } from "../../sdk/plan/registration.ts";
import { validateRegistration } from "../../sdk/plan/validate_registration.ts";
import type { FromSandbox, ToSandbox } from "../isolate/messages.ts";
import { MAX_REGISTRATIONS } from "../isolate/session_bounds.ts";
import type { StoredRegistration } from "../triggers/registration.ts";

type RegisterMessage = Extract<FromSandbox, { type: "register" }>;

/** Gives the registration at a place of a module its id. @throws why it cannot be registered */
export type Registrar = (plan: RegistrationPlan, place: number) => string | Promise<string>;

/** See the module. */
export class SessionRegistrations {
  readonly #send: (message: ToSandbox) => void;
  readonly #toRefusal: (error: unknown, location: SourceLocation | undefined) => PinionError;
  readonly #registered: Promise<StoredRegistration>[] = [];
  /** Gives ids. */
  registrar: Registrar = () => {
    throw new PinionError("BAD_PLAN", "Cannot register here: this code is loaded for one run only");
  };

  /** @param toRefusal What the author is told of a failure. */
  constructor(
    send: (message: ToSandbox) => void,
    toRefusal: (error: unknown, location: SourceLocation | undefined) => PinionError,
  ) {
    this.#send = send;
    this.#toRefusal = toRefusal;
  }

  /** The sandbox registers. @throws TypeError where it does not keep to the order */
  add(message: RegisterMessage): void {
    const { registration } = message;
    if (registration !== this.#registered.length || registration >= MAX_REGISTRATIONS) {
      throw new TypeError(`expected registration ${this.#registered.length}, got ${registration}`);
    }
    const registered = this.#register(message);
    registered.catch(() => {}); // who waits for the module to be loaded is told
    this.#registered.push(registered);
  }

  /** All of them, in their order. @throws why one of them cannot be */
  all(): Promise<StoredRegistration[]> {
    return Promise.all(this.#registered);
  }

  async #register({ registration, plan, location }: RegisterMessage): Promise<StoredRegistration> {
    try {
      const checked = validateRegistration(plan);
      const id = await this.registrar(checked, registration);
      this.#send({ type: "registration", registration, id });
      return { id, plan: checked };
    } catch (error) {
      const refusal = this.#toRefusal(error, location);
      this.#send({ type: "refuseRegistration", registration, error: refusal.toData() });
      throw refusal;
    }
  }
}
