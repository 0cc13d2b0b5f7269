/**
 * The runtime that acts for another shard, as far as is known: from membership, and from how it
 * introduced itself over a link.
 *
 * @module
 */

import type { Hello } from "../hello/hello_messages.ts";
import type { PeerAddress } from "../mesh.ts";

/** Tells whether news of a shard's runtime mean another one. */
export class RemoteRuntime {
  #address: PeerAddress;
  #hello: Hello | null = null;

  /** @param address Its mesh, from membership. */
  constructor(address: PeerAddress) {
    this.#address = address;
  }

  /** The last that membership said. */
  get address(): PeerAddress {
    return this.#address;
  }

  /** Notes the greeting of the other side, over the link that is used from now on. */
  meet(hello: Hello): void {
    this.#hello = hello;
  }

  /**
   * Takes what membership says. An older epoch than is known says nothing; a newer one of the same
   * address is the same runtime with a new lease, or one that has no link yet.
   *
   * @param isLost Whether it is taken for lost, so that the same one has to be linked anew as well.
   * @returns true where the runtime at this address has to be linked anew
   */
  move(address: PeerAddress, isLost: boolean): boolean {
    const { url, epoch } = this.#address;
    if (address.epoch < epoch || (address.epoch === epoch && address.url === url)) return false;
    this.#address = address;
    const isLinkedWithIt = address.epoch > epoch && this.#hello !== null &&
      this.#hello.epoch >= address.epoch;
    return !isLinkedWithIt && (address.url !== url || isLost);
  }

  /** Tells whether a runtime's lease is older than that of the one that acts. */
  isOutdated(hello: Hello): boolean {
    return hello.epoch < Math.max(this.#address.epoch, this.#hello?.epoch ?? 0);
  }

  /** Says why the exchange of before is over, for the runtime that begins another one. */
  explainEnd(hello: Hello): string {
    return hello.runId === this.#hello?.runId
      ? "it took this runtime for lost"
      : "its runtime was started again";
  }
}
