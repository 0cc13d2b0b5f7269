/**
 * Names of keys that are no UTF-8.
 *
 * @module
 */

/** Name of a key: bytes where they are not UTF-8. */
export type KeyName = string | Uint8Array;

/** A text for a key that no other key has. */
export function keyNameText(key: KeyName): string {
  return typeof key === "string" ? key : `\0${key.toHex()}`;
}
