/**
 * Matches keys against the patterns of KEYS and SCAN, on bytes, for readers that do not scan.
 *
 * Source: Redis `stringmatchlen`: `*`, `?`, `[a-c]`, `[^a]`, and `\` before what is meant as it is.
 *
 * @module
 */

/** Whether a key matches; the key is `bytes` from `start` up to `end`. */
export type MatchKey = (bytes: Uint8Array, start: number, end: number) => boolean;

const [STAR, QUESTION, OPEN, CLOSE, CARET, DASH, BACKSLASH] = new TextEncoder().encode("*?[]^-\\");

/** A matcher for one pattern. */
export function compileGlob(pattern: string): MatchKey {
  const glob = new TextEncoder().encode(pattern);
  const special = glob.findIndex((byte) => [STAR, QUESTION, OPEN, BACKSLASH].includes(byte));
  // All keys, or those that begin so: nearly every pattern.
  if (special === glob.length - 1 && glob[special] === STAR) {
    return (bytes, start, end) => {
      if (end - start < special) return false;
      for (let index = 0; index < special; index++) {
        if (bytes[start + index] !== glob[index]) return false;
      }
      return true;
    };
  }
  // Redis does not look at patterns where there is no character to match.
  return (bytes, start, end) =>
    start === end ? glob.length === 0 : matches(glob, 0, bytes, start, end);
}

function matches(
  glob: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  let place = start;
  for (let next = at; next < glob.length;) {
    if (glob[next] === STAR) {
      while (glob[next + 1] === STAR) next++;
      if (next + 1 === glob.length) return true;
      for (let from = place; from <= end; from++) {
        if (matches(glob, next + 1, bytes, from, end)) return true;
      }
      return false;
    }
    if (place === end) return false;
    const byte = bytes[place++];
    if (glob[next] === QUESTION) next++;
    else if (glob[next] === OPEN) {
      const set = matchSet(glob, next + 1, byte);
      if (!set.isMatch) return false;
      next = set.next;
    } else {
      if (glob[next] === BACKSLASH && next + 1 < glob.length) next++;
      if (glob[next++] !== byte) return false;
    }
  }
  return place === end;
}

/** Whether `byte` is in the set that begins at `at`, and where the pattern goes on. */
function matchSet(glob: Uint8Array, at: number, byte: number): { isMatch: boolean; next: number } {
  const isNegated = glob[at] === CARET;
  let next = isNegated ? at + 1 : at;
  let isIn = false;
  while (next < glob.length && glob[next] !== CLOSE) {
    if (glob[next] === BACKSLASH && next + 1 < glob.length) {
      next++;
      isIn ||= glob[next] === byte;
      next++;
    } else if (glob[next + 1] === DASH && next + 2 < glob.length) {
      const low = Math.min(glob[next], glob[next + 2]);
      const high = Math.max(glob[next], glob[next + 2]);
      isIn ||= byte >= low && byte <= high;
      next += 3;
    } else {
      isIn ||= glob[next] === byte;
      next++;
    }
  }
  return { isMatch: isIn !== isNegated, next: Math.min(glob.length, next + 1) };
}
