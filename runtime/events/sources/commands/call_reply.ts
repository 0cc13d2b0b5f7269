/**
 * What a call of a trigger came to, its records as they left the sandbox: they are decoded where the
 * caller is.
 *
 * @module
 */

import { PinionError } from "../../../../errors.ts";
import type { ExecutionOutcome } from "../../../engine/engine.ts";
import { decodeWire } from "../../../../contract/isolate/wire.ts";
import { weighWire } from "../../../../contract/isolate/wire_weight.ts";

/** See the module. */
export interface CallReply {
  /** One msgpack array, or what was in one. */
  readonly results: Uint8Array | readonly unknown[];
  readonly errors: readonly string[];
  /** Whether RESP shows each result as text. */
  readonly convertToStr: boolean;
}

/** Encoded results may ask for so many times the bytes that they may have, in memory. */
const WEIGHT_PER_RESULT_BYTE = 8;

/**
 * Its records decoded.
 *
 * @param maxBytes Greatest results of an execution.
 * @throws `LIMIT_RESULT`
 */
export function openReply(
  { results, errors, convertToStr }: CallReply,
  maxBytes: number,
): ExecutionOutcome {
  if (!(results instanceof Uint8Array)) return { results, errors, convertToStr };
  const maxWeight = maxBytes * WEIGHT_PER_RESULT_BYTE;
  if (results.byteLength > maxBytes || weighWire(results, maxWeight) >= maxWeight) {
    throw new PinionError(
      "LIMIT_RESULT",
      `Cannot answer: the results are larger than ${maxBytes} bytes (resultBytes)`,
    );
  }
  const records = decodeWire(results);
  if (!Array.isArray(records)) throw new TypeError("expected an array of results");
  return { results: records, errors, convertToStr };
}
