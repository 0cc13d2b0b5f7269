/**
 * The fewest channel patterns that cover what listeners want.
 *
 * Redis tries each pattern for each notification and sends a message per pattern that fits: so none
 * lies within another, and where they would be many, neighbours share what they have in common.
 *
 * @module
 */

/** Keys that are wanted: all that begin with a text, or one. */
export interface KeyPattern {
  readonly text: string;
  readonly isPrefix: boolean;
}

/** Patterns that are told apart; more are joined where they have a beginning in common. */
export const MAX_PATTERNS = 32;

/** `person:*` taken apart: only a star at the end means something. */
export function parsePrefix(prefix: string): KeyPattern {
  return prefix.endsWith("*")
    ? { text: prefix.slice(0, -1), isPrefix: true }
    : { text: prefix, isPrefix: false };
}

/** Patterns that cover all that are wanted and do not overlap, sorted. */
export function coverPatterns(
  wanted: Iterable<KeyPattern>,
  maxPatterns: number = MAX_PATTERNS,
): KeyPattern[] {
  let patterns = withoutCovered([...wanted]);
  while (patterns.length > maxPatterns) {
    const { at, text } = closestNeighbours(patterns);
    if (text === "") break;
    patterns = withoutCovered(patterns.with(at, { text, isPrefix: true }));
  }
  return patterns;
}

/** A pattern as Redis understands it, with a literal beginning for the channel. */
export function toGlob(channel: string, { text, isPrefix }: KeyPattern): string {
  return channel + text.replace(/[\\*?[\]]/g, "\\$&") + (isPrefix ? "*" : "");
}

function withoutCovered(patterns: readonly KeyPattern[]): KeyPattern[] {
  const sorted = patterns.toSorted((a, b) => compare(a.text, b.text) || +b.isPrefix - +a.isPrefix);
  const kept: KeyPattern[] = [];
  for (const pattern of sorted) {
    const last = kept.at(-1);
    const isCovered = last !== undefined &&
      (last.isPrefix ? pattern.text.startsWith(last.text) : pattern.text === last.text);
    if (!isCovered) kept.push(pattern);
  }
  return kept;
}

/** Of sorted patterns, the two with the longest beginning in common. */
function closestNeighbours(patterns: readonly KeyPattern[]): { at: number; text: string } {
  let best = { at: 0, text: "" };
  for (let at = 1; at < patterns.length; at++) {
    const text = commonBeginning(patterns[at - 1].text, patterns[at].text);
    if (text.length > best.text.length) best = { at, text };
  }
  return best;
}

function commonBeginning(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  // Half a character cannot be encoded.
  if (/[\uD800-\uDBFF]/.test(a[length - 1] ?? "")) length--;
  return a.slice(0, length);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
