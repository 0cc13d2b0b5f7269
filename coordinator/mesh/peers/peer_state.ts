/**
 * States of the link with one other shard's runtime.
 *
 * ```text
 *            link                 link breaks
 *  awaited ────────► linked ◄──────────────────► broken
 *     │ ▲              │         link, resumes      │
 *     │ │ moved        │ goodbye, another           │ silence, forgotten
 *     │ │              ▼ runtime, protocol broken   │
 *     └─┴──────────► lost ◄─────────────────────────┘      lost ──link──► linked, a new exchange
 *        silence
 * ```
 *
 * @module
 */

/** A state of the drawing. */
export type PeerStatus = "awaited" | "linked" | "broken" | "lost";

const NEXT: Readonly<Record<PeerStatus, readonly PeerStatus[]>> = {
  awaited: ["linked", "lost"],
  linked: ["broken", "lost"],
  broken: ["linked", "lost"],
  lost: ["awaited", "linked"],
};

/** The state of one peer. */
export class PeerState {
  #status: PeerStatus = "awaited";

  get status(): PeerStatus {
    return this.#status;
  }

  /** Enters another state. @throws TypeError where the drawing has no such arrow */
  enter(next: PeerStatus): void {
    if (!NEXT[this.#status].includes(next)) {
      throw new TypeError(`A peer that is ${this.#status} cannot become ${next}`);
    }
    this.#status = next;
  }
}
