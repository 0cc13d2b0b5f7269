/**
 * Says why a value cannot leave the sandbox.
 *
 * @module
 */

import { GearsError } from "../../../sdk/base/gears_error.ts";

/** @param what What was tried, as the beginning of a sentence. */
export function explainUnencodable(what: string, error: unknown): GearsError {
  const cause = error instanceof RangeError
    ? "it contains itself, nests too deep or is too large"
    : (error as Error).message;
  return new GearsError(`${what}: ${cause}`);
}
