/**
 * Use cases of events that registrations have given up: `/v1/dlq`.
 *
 * @module
 */

import type {
  DeadLetter,
  DeadLetterQueue,
  DeadLetterReplay,
  QueueName,
} from "../../../contract/api/dead_letter_info.ts";
import type { DeadLetters } from "../../events/dead_letters/dead_letters.ts";
import { replayLetters } from "../../events/dead_letters/replay_letters.ts";
import type { Registrations } from "../../events/registrations/registrations.ts";
import type { Availability } from "./availability.ts";

/** Lists, reads, replays and drops dead letters. */
export class DeadLettersApi {
  readonly #letters: DeadLetters;
  readonly #registrations: Registrations;
  readonly #availability: Availability;

  constructor(letters: DeadLetters, registrations: Registrations, availability: Availability) {
    this.#letters = letters;
    this.#registrations = registrations;
    this.#availability = availability;
  }

  /** Registrations that have given up events, with their number; of the whole cluster. */
  list(): Promise<DeadLetterQueue[]> {
    return this.#availability.whileUp(() => this.#letters.list());
  }

  /** Events that a registration has given up, oldest first; by default the first 100. */
  read(
    queue: QueueName,
    page?: { readonly after?: string; readonly count?: number },
  ): Promise<DeadLetter[]> {
    return this.#availability.whileUp(() => this.#letters.read(queue, page));
  }

  /**
   * Runs them again on this shard, one by one; those that succeed are removed. Without `ids` all.
   *
   * @throws `NO_REGISTRATION`, `NOT_FOUND`, `LIBRARY_STOPPED`
   */
  replay(
    queue: QueueName,
    ids?: readonly string[],
    signal?: AbortSignal,
  ): Promise<DeadLetterReplay> {
    return this.#availability.whileUp(() =>
      replayLetters(this.#letters, this.#registrations.find(queue), { queue, ids, signal })
    );
  }

  /** Removes them, without `ids` all. Gives their number. */
  drop(queue: QueueName, ids?: readonly string[]): Promise<number> {
    return this.#availability.whileUp(() => this.#letters.remove(queue, ids));
  }
}
