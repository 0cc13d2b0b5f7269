/**
 * Room for the arguments of calls that wait or run, of all triggers of a shard together.
 *
 * @module
 */

import { PinionError } from "../../../../errors.ts";
import type { CommandArgs } from "./command_source.ts";

/** Bytes of arguments of all calls. */
export const MAX_CALL_BYTES = 128 * 1024 * 1024;
/** Calls with fewer are not counted: their number is bounded. */
const SMALL_BYTES = 1_024;
/** What an argument takes besides its bytes. */
const ARGUMENT_BYTES = 16;

/** See the module. */
export class CallRoom {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number = MAX_CALL_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Makes a call that takes its room until it is over. @throws `LIMIT_CLIENTS` where there is none */
  use<T>(args: CommandArgs, call: () => Promise<T>): Promise<T> {
    let bytes = 0;
    for (const { length } of args) bytes += length + ARGUMENT_BYTES;
    if (bytes <= SMALL_BYTES) return call();
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) {
      return Promise.reject(isFull(this.#maxBytes));
    }
    this.#bytes += bytes;
    return call().finally(() => this.#bytes -= bytes);
  }
}

function isFull(maxBytes: number): PinionError {
  return new PinionError(
    "LIMIT_CLIENTS",
    `Cannot run the trigger: calls that wait or run have ${maxBytes} bytes of arguments together ` +
      "already (triggerBytes); try again later",
  );
}
