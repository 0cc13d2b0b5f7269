/**
 * Repeatable randomness for fuzz tests.
 *
 * `PINION_FUZZ_SEED` repeats a run; `PINION_FUZZ_INPUTS` sets its length.
 *
 * @module
 */

/** Seed of this run; a failing test prints it. */
export const SEED = Number(Deno.env.get("PINION_FUZZ_SEED") ?? Date.now() % 2 ** 31);
/** Inputs of a run. */
export const INPUTS = Number(Deno.env.get("PINION_FUZZ_INPUTS") ?? 20_000);

/** A whole number below `limit`. */
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

/** One of the items. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random(items.length)];
}

/** The bytes with some changed, added, doubled or taken away; bytes of `alphabet` are preferred. */
export function mutate(random: Random, bytes: Uint8Array, alphabet: Uint8Array): Uint8Array {
  const changed = Array.from(bytes);
  for (let count = random(5); count > 0; count--) {
    const at = random(changed.length + 1);
    const byte = random(4) === 0 ? random(256) : alphabet[random(alphabet.length)];
    const inserted = random(3) === 0 ? [] : random(20) === 0 ? changed.slice(at, at + 50) : [byte];
    changed.splice(at, random(3), ...inserted);
  }
  return Uint8Array.from(changed);
}

/** Breaks bytes into chunks. */
export function breakUp(random: Random, bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random(random(4) === 0 ? 4 : 60);
    chunks.push(bytes.slice(at, at + size));
    at += size;
  }
  return chunks;
}
