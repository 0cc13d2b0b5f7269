/**
 * What rewrites places in a bundle to places in the author's files: the interface only, since a
 * session does not know where its module came from.
 *
 * @module
 */

import type { PinionError } from "../../errors.ts";

/** Rewrites the places of one module. */
export interface PlaceMapper {
  /** The error with its location, message and stack rewritten. */
  mapError(error: PinionError): PinionError;
  /** The text with every `file:line:column` of the module rewritten. */
  mapText(text: string): string;
}
