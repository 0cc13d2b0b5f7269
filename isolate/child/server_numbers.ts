/**
 * Gives servers numbers, by which the sandbox names them: it has no address and opens no
 * connection.
 *
 * @module
 */

import type { ServerAddress, SlotMap } from "../../contract/isolate/messages/host_messages.ts";
import type { OwnedSlots } from "../../contract/isolate/worker_border.ts";

/** Gives each server a number. */
export class ServerNumbers {
  readonly #places: ServerAddress[];
  readonly #numbers = new Map<string, number>();

  /** @param first The server that has the number 0. */
  constructor(first: ServerAddress) {
    this.#places = [];
    this.#numberOf(first);
  }

  /** The server with a number; undefined if there is none. */
  place(number: number): ServerAddress | undefined {
    return this.#places[number];
  }

  /** A slot map by numbers; servers that are new get the next ones. */
  translate({ own, masters }: SlotMap): OwnedSlots {
    const ranges = masters.flatMap(({ place, ranges }) => {
      const server = this.#numberOf(place);
      return ranges.map(([first, last]) => [first, last, server] as const);
    });
    return { own: this.#numberOf(own), ranges, servers: this.#places.map(addressOf) };
  }

  #numberOf(place: ServerAddress): number {
    const address = addressOf(place);
    let number = this.#numbers.get(address);
    if (number === undefined) {
      number = this.#places.push(place) - 1;
      this.#numbers.set(address, number);
    }
    return number;
  }
}

/** Address as Redis writes it in MOVED. */
function addressOf({ host, port }: ServerAddress): string {
  return `${host}:${port}`;
}
