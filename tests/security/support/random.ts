/**
 * Random inputs that a seed repeats.
 *
 * @module
 */

/** A number from 0 up to `limit`, without it. */
export type Random = (limit: number) => number;

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

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
