/**
 * All registrations of this shard.
 *
 * Libraries say which there are, the coordinator whether this runtime acts for its shard, and what is
 * kept in Redis which of them are paused.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { type LivePlace, LiveRegistration } from "./live_registration.ts";
import type { RegistrationInfo, StoredRegistration } from "./registration.ts";
import type {
  EndOptions,
  RegistrationHost,
  ServedVersion,
  ServingLibrary,
} from "./registration_host.ts";
import type { PauseState } from "./registration_store.ts";
import { SuspectGate } from "./suspect_gate.ts";

/** See the module. */
export class Registrations implements RegistrationHost, AsyncDisposable {
  readonly #place: LivePlace;
  readonly #live = new Map<string, LiveRegistration>();
  /** Those that are unregistered and still have something under way. */
  readonly #ending = new Set<LiveRegistration>();
  readonly #gates = new Map<string, SuspectGate>();
  #states: ReadonlyMap<string, PauseState> = new Map();
  #isActing = false;

  constructor(place: Omit<LivePlace, "gateOf">) {
    this.#place = { ...place, gateOf: (library) => this.#gateOf(library) };
  }

  /** All of them, in the order of libraries and of their modules. */
  list(): RegistrationInfo[] {
    return Array.from(this.#live.values(), ({ info }) => info);
  }

  /** @throws `NO_REGISTRATION` */
  get(id: string): LiveRegistration {
    const registration = this.#live.get(id);
    if (registration !== undefined) return registration;
    throw new PinionError("NO_REGISTRATION", `There is no registration ${id}`);
  }

  newId(): Promise<string> {
    return this.#place.store.nextId();
  }

  async check(
    registrations: readonly StoredRegistration[],
    replaced: readonly string[],
  ): Promise<void> {
    const others = [...this.#live.values()]
      .filter(({ library }) => !replaced.includes(library.name))
      .map(({ stored }) => stored.plan);
    for (const { plan } of registrations.filter(({ isGone }) => !isGone)) {
      await this.#place.sources[plan.trigger.reader].check(plan, others);
      others.push(plan);
    }
  }

  async serve(
    library: ServingLibrary,
    { mark, registrations }: ServedVersion,
    options: EndOptions,
  ): Promise<void> {
    const kept = registrations.filter(({ isGone }) => !isGone);
    const ids = new Set(kept.map(({ id }) => id));
    for (const live of this.#of(library.name)) if (!ids.has(live.id)) this.#end(live, options);
    await Promise.all(kept.map((stored) => {
      const before = this.#live.get(stored.id);
      if (before !== undefined) before.serve(library, stored, mark);
      else this.#live.set(stored.id, new LiveRegistration(library, stored, mark, this.#place));
      return this.#set(this.#live.get(stored.id)!);
    }));
  }

  remove(library: string, options: EndOptions): void {
    for (const live of this.#of(library)) this.#end(live, options);
    this.#gates.delete(library);
  }

  idsOf(library: string): readonly string[] {
    return this.#of(library).map(({ id }) => id);
  }

  /** Whether this runtime acts for its shard; only then events are taken. */
  async setActing(isActing: boolean): Promise<void> {
    this.#isActing = isActing;
    if (isActing) await this.readStates();
    else await this.#setAll();
  }

  /** Does what is kept in Redis: pauses, and lets go on. */
  async readStates(): Promise<void> {
    this.#states = await this.#place.store.states();
    await this.#setAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isActing = false;
    const all = [...this.#live.values(), ...this.#ending];
    this.#live.clear();
    await Promise.all(all.map((live) => live.close()));
  }

  #gateOf(library: string): SuspectGate {
    const gate = this.#gates.get(library) ?? new SuspectGate();
    this.#gates.set(library, gate);
    return gate;
  }

  #of(library: string): LiveRegistration[] {
    return [...this.#live.values()].filter((live) => live.library.name === library);
  }

  async #setAll(): Promise<void> {
    await Promise.all(Array.from(this.#live.values(), (live) => this.#set(live)));
  }

  #set(live: LiveRegistration): Promise<void> {
    const pause = this.#states.get(live.id) ?? null;
    return live.set({ isActing: this.#isActing, pause });
  }

  #end(live: LiveRegistration, options: EndOptions): void {
    this.#live.delete(live.id);
    this.#ending.add(live);
    void live.end(options).finally(() => this.#ending.delete(live));
  }
}
