/**
 * Finds places in an author's source.
 *
 * @module
 */

/** A place in a text: 1-based. */
export interface FilePosition {
  readonly line: number;
  readonly column: number;
}

/** The place of the group `place` of `pattern` in `text`, if it is there. */
export function findPosition(text: string, pattern: RegExp): FilePosition | undefined {
  const match = new RegExp(pattern.source, "d").exec(text);
  const start = match?.indices?.groups?.place?.[0];
  if (start === undefined) return undefined;
  const before = text.slice(0, start);
  return { line: before.split("\n").length, column: start - before.lastIndexOf("\n") };
}

/** Matches where `specifier` is imported; the place is its opening quote. */
export function importPattern(specifier: string): RegExp {
  const quoted = `(?<place>(?<quote>["'\`])${RegExp.escape(specifier)}\\k<quote>)`;
  return new RegExp(`\\b(?:from|import|require)\\s*\\(?\\s*${quoted}`);
}

/** Matches where `name` stands as a word. */
export function wordPattern(name: string): RegExp {
  return new RegExp(`(?<![\\w$])(?<place>${RegExp.escape(name)})(?![\\w$])`);
}
