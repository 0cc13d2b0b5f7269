/**
 * Use cases of registrations: RG.DUMPREGISTRATIONS and its like, `/v1/registrations`.
 *
 * @module
 */

import type { RegistrationInfo } from "../../../contract/api/registration_info.ts";
import type { Registrations } from "../../events/registrations/registrations.ts";
import { toMessageId } from "../../events/registrations/replay_from.ts";
import type { Libraries } from "../../library/libraries.ts";
import type { Availability } from "./availability.ts";

/** Lists registrations, holds them, lets them go on, ends them. */
export class RegistrationsApi {
  readonly #registrations: Registrations;
  readonly #libraries: Libraries;
  readonly #availability: Availability;

  constructor(registrations: Registrations, libraries: Libraries, availability: Availability) {
    this.#registrations = registrations;
    this.#libraries = libraries;
    this.#availability = availability;
  }

  /** The registrations of this shard, with what happened on it. */
  list(): RegistrationInfo[] {
    return this.#registrations.list();
  }

  /** One of them. @throws `NO_REGISTRATION` */
  get(id: string): RegistrationInfo {
    return this.#registrations.get(id).info;
  }

  /**
   * Ends a registration on all shards. Executions that have begun go on; with `abortPending`, those
   * that have not begun do not.
   *
   * @throws `NO_REGISTRATION`, `LIBRARY_BUSY`
   */
  unregister(id: string, options: { readonly abortPending: boolean }): Promise<void> {
    return this.#availability.whileUp(() => {
      const { library } = this.#registrations.get(id);
      return this.#libraries.unregister(library.name, id, options);
    });
  }

  /**
   * Has registrations take nothing new, on all shards and until they are resumed: `pause` leaves
   * what they have taken and not begun, `drain` runs it.
   *
   * @throws `NO_REGISTRATION` where there is one not; nothing is changed then
   */
  pause(ids: readonly string[], how: "pause" | "drain"): Promise<void> {
    const state = how === "pause" ? "PAUSED" : "DRAINING";
    return this.#availability.whileUp(() => this.#registrations.pause(ids, state));
  }

  /** Has them go on, also where they had stopped by themselves. @throws as `pause` */
  resume(ids: readonly string[]): Promise<void> {
    return this.#availability.whileUp(() => this.#registrations.resume(ids));
  }

  /**
   * Has a registration on streams read them again, on all shards, as far as messages are still
   * there.
   *
   * @param from Message id, milliseconds since 1970, or ISO 8601 time of the first message.
   * @throws `NO_REGISTRATION`, `UNSUPPORTED`, `BAD_ARGUMENT`
   */
  replay(id: string, from: string): Promise<void> {
    return this.#availability.whileUp(() => this.#registrations.replay(id, toMessageId(from)));
  }

  /** Clears the figures of all registrations, on all shards. */
  clearStatistics(): Promise<void> {
    return this.#registrations.clearStatistics();
  }
}
