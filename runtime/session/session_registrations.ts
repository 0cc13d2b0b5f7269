/**
 * The registrations of the module that a session loads: checks what the sandbox says, and gives
 * each its id.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import type { RegistrationPlan } from "../../contract/plan/registration.ts";
import { validateRegistration } from "../../contract/plan/validate.ts";
import type { FromSandbox, ToSandbox } from "../../contract/isolate/messages/messages.ts";
import {
  MAX_REGISTRATION_CHARS,
  MAX_REGISTRATIONS,
  MAX_TICKS_PER_SECOND,
} from "../../contract/isolate/module_limits.ts";
import type { StoredRegistration } from "../../contract/api/registration_info.ts";

import type { AuthorErrors } from "./base/author_errors.ts";

type RegisterMessage = Extract<FromSandbox, { type: "register" }>;

/** Gives the registration at a place of a module its id. @throws why it cannot be registered */
export type Registrar = (plan: RegistrationPlan, place: number) => string | Promise<string>;

/** Checks a module's registrations and gives them ids. */
export class SessionRegistrations {
  readonly #send: (message: ToSandbox) => void;
  readonly #errors: AuthorErrors;
  readonly #registrar: Registrar;
  readonly #registered: Promise<StoredRegistration>[] = [];
  readonly #names = new Set<string>();
  /** Characters of all plans. */
  #chars = 0;
  /** Ticks of their clocks in a second. */
  #ticks = 0;
  #isLoaded = false;

  /** @param registrar Gives ids. Default: the module may not register. */
  constructor(
    send: (message: ToSandbox) => void,
    errors: AuthorErrors,
    registrar: Registrar = refuseToRegister,
  ) {
    this.#send = send;
    this.#errors = errors;
    this.#registrar = registrar;
  }

  /** The sandbox registers. @throws TypeError where it does what none of ours does */
  add(message: RegisterMessage): void {
    const { registration } = message;
    if (this.#isLoaded || registration !== this.#registered.length) {
      throw new TypeError(`registration ${registration} comes out of turn`);
    }
    if (registration >= MAX_REGISTRATIONS) throw new TypeError("there are too many registrations");
    const registered = this.#register(message);
    registered.catch(() => {}); // who waits for the module to be loaded is told
    this.#registered.push(registered);
  }

  /** All of them, in their order: the module is loaded. @throws why one of them cannot be */
  all(): Promise<StoredRegistration[]> {
    this.#isLoaded = true;
    return Promise.all(this.#registered);
  }

  async #register({ registration, plan, location }: RegisterMessage): Promise<StoredRegistration> {
    try {
      const checked = validateRegistration(plan);
      const { name } = checked;
      this.#chars += JSON.stringify(checked).length;
      if (this.#chars > MAX_REGISTRATION_CHARS) throw tooLarge();
      this.#ticks += ticksOf(checked);
      if (this.#ticks > MAX_TICKS_PER_SECOND) throw tooOften();
      if (this.#names.has(name)) {
        throw new PinionError("BAD_PLAN", `The module registers ${JSON.stringify(name)} twice`);
      }
      this.#names.add(name);
      const id = await this.#registrar(checked, registration);
      this.#send({ type: "registration", registration, id });
      return { id, plan: checked };
    } catch (error) {
      const refusal = this.#errors.toRefusal(error, location);
      this.#send({ type: "refuseRegistration", registration, error: refusal.toData() });
      throw refusal;
    }
  }
}

function refuseToRegister(): never {
  throw new PinionError("BAD_PLAN", "Cannot register here: this code is loaded for one run only");
}

/** Times a second that it fires by the clock, at most. */
function ticksOf({ trigger }: RegistrationPlan): number {
  return trigger.reader === "TimeReader" ? 1_000 / (trigger.everyMs ?? 1_000) : 0;
}

function tooOften(): PinionError {
  return new PinionError(
    "BAD_PLAN",
    `The TimeReaders of a module may fire ${MAX_TICKS_PER_SECOND} times a second together at most ` +
      "(ticksPerSecond)",
  );
}

function tooLarge(): PinionError {
  return new PinionError(
    "BAD_PLAN",
    `What a module registers may have ${MAX_REGISTRATION_CHARS} characters at most, names and ` +
      "prefixes included (registrationChars)",
  );
}
