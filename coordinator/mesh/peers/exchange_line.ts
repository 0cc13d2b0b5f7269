/**
 * Exchanges with one peer, one after the other: the present one, and by which id both sides know
 * it.
 *
 * The side that dials names an exchange before it is linked, the one that listens takes the name
 * over. An exchange that both have been linked in goes on or is lost; it never begins again.
 *
 * @module
 */

import type { PinionError } from "../../../errors.ts";
import type { LinkPosition, Welcome } from "../hello/hello_messages.ts";
import { Exchange, type ExchangeOptions } from "../exchange/exchange.ts";

/** Keeps the present exchange with a peer. */
export class ExchangeLine {
  readonly #options: ExchangeOptions;
  readonly #isDialler: boolean;
  #exchange: Exchange;
  #resumes = false;

  /** Begins the first one. */
  constructor(options: ExchangeOptions, isDialler: boolean) {
    this.#options = options;
    this.#isDialler = isDialler;
    this.#exchange = new Exchange(options);
    this.#exchange.id = this.#nextId();
  }

  /** The present one; it has failed already where the peer is lost. */
  get exchange(): Exchange {
    return this.#exchange;
  }

  /** Tells whether the peer has been linked in the present one. */
  get resumes(): boolean {
    return this.#resumes;
  }

  /** Begins another one. @param id As the sides agreed; default: this side's own choice. */
  renew(id: string | null = this.#nextId()): void {
    this.#exchange = new Exchange(this.#options);
    this.#exchange.id = id;
  }

  /** The peer is linked in the present one. */
  setLinked(): void {
    this.#resumes = true;
  }

  /** The present one fails. Whatever the peer still has of it, it is not gone on with. */
  fail(reason: PinionError): void {
    this.#resumes = false;
    this.#exchange.fail(reason);
    this.#exchange.id = this.#nextId();
  }

  /** Welcome of the side that listens. */
  get welcome(): Welcome {
    return { session: this.#exchange.id!, received: this.#exchange.lastReceived };
  }

  /**
   * LinkPosition of the side that dials.
   *
   * @param next Id that the exchange after this one would have.
   */
  position(next: string): LinkPosition {
    return {
      session: this.#exchange.id!,
      resumes: this.#resumes,
      received: this.#exchange.lastReceived,
      next,
    };
  }

  #nextId(): string | null {
    return this.#isDialler ? crypto.randomUUID() : null;
  }
}
