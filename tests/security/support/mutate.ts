/**
 * Bytes that resemble others.
 *
 * @module
 */

import type { Random } from "../../support/random.ts";

/** Some bytes changed, added, taken away or repeated; `favourites` come more often than others. */
export function mutate(
  bytes: Uint8Array,
  random: Random,
  favourites: readonly number[],
): Uint8Array {
  const mutated = Array.from(bytes);
  for (let count = random(5); count > 0; count--) {
    const at = random(mutated.length + 1);
    const byte = random(2) === 0 ? random(256) : favourites[random(favourites.length)];
    switch (random(4)) {
      case 0:
        mutated.splice(at, 1, byte);
        break;
      case 1:
        mutated.splice(at, 0, byte);
        break;
      case 2:
        mutated.splice(at, 1 + random(4));
        break;
      default:
        mutated.splice(at, 0, ...mutated.slice(at, at + random(20)));
    }
  }
  return Uint8Array.from(mutated);
}
