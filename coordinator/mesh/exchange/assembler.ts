/**
 * Joins the messages that travel in several frames.
 *
 * @module
 */

import { FLAG_MORE, type Frame } from "../link/mesh_frames.ts";
import { joinBytes } from "../link/join.ts";

/** Messages that may be incomplete at a time: they come one after the other. */
const MAX_INCOMPLETE = 4;

/** See the module. */
export class Assembler {
  readonly #maxBytes: number;
  readonly #incomplete = new Map<string, { parts: Uint8Array[]; byteLength: number }>();

  /** @param maxBytes Greatest message. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The whole message, or null where more of it is to come.
   *
   * @throws RangeError for a message that is too large, or too many at once
   */
  add({ type, id, flags, payload }: Frame): Uint8Array | null {
    const isMore = (flags & FLAG_MORE) !== 0;
    const key = `${type} ${id}`;
    const begun = this.#incomplete.get(key);
    if (!isMore && begun === undefined) return payload;
    const message = begun ?? { parts: [], byteLength: 0 };
    message.parts.push(payload);
    message.byteLength += payload.byteLength;
    if (message.byteLength > this.#maxBytes) {
      throw new RangeError(`A message has more than ${this.#maxBytes} bytes`);
    }
    if (isMore) {
      this.#incomplete.set(key, message);
      if (this.#incomplete.size > MAX_INCOMPLETE) {
        throw new RangeError("Too many messages are incomplete at once");
      }
      return null;
    }
    this.#incomplete.delete(key);
    return joinBytes(message.parts);
  }
}
