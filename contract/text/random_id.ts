/**
 * Names that nobody else has chosen.
 *
 * @module
 */

/** 40 random hex digits. */
export function randomId(): string {
  return crypto.getRandomValues(new Uint8Array(20)).toHex();
}
