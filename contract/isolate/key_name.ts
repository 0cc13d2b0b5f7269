/**
 * Names of keys that are no UTF-8.
 *
 * @module
 */

import type { KeyName } from "../../runtime/events/sources/capture/key_event_source.ts";

/** A text for a key that no other key has. */
export function keyNameText(key: KeyName): string {
  return typeof key === "string" ? key : `\0${key.toHex()}`;
}
