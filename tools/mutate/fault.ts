/**
 * The shape of a planted fault and of the rules that find places for faults.
 *
 * @module
 */

import type ts from "typescript";

/** One change of a source's text: the characters from `start` to `end` become `text`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** One kind of fault: a row of the table in `kinds/fault_kinds.ts`. */
export interface FaultKind {
  /** Words that the report shows. */
  readonly name: string;
  /**
   * Yields the edits that plant this fault at a node; nothing where it would change no behaviour.
   */
  readonly find: (node: ts.Node, source: ts.SourceFile) => Iterable<Edit>;
}

/** A fault at its place. */
export interface Fault extends Edit {
  /** Path from the root of the checkout. */
  readonly path: string;
  /** Line of the first changed character, from 1. */
  readonly line: number;
  readonly kind: string;
  /** Changed lines before and after, in one line each. */
  readonly before: string;
  readonly after: string;
}

/** Longest text of a line in a report. */
const MAX_SHOWN = 110;

/** The text of a source with an edit applied. */
export function applyEdit(text: string, { start, end, text: inserted }: Edit): string {
  return text.slice(0, start) + inserted + text.slice(end);
}

/** Describes an edit of a file for the report. */
export function toFault(path: string, kind: string, text: string, edit: Edit): Fault {
  const from = text.lastIndexOf("\n", edit.start - 1) + 1;
  const lineEnd = text.indexOf("\n", edit.end);
  const to = lineEnd < 0 ? text.length : lineEnd;
  const changed = text.slice(from, edit.start) + edit.text + text.slice(edit.end, to);
  return {
    path,
    kind,
    ...edit,
    line: text.slice(0, edit.start).split("\n").length,
    ...shorten(toOneLine(text.slice(from, to)), toOneLine(changed)),
  };
}

/** Cuts both texts to the part around their first difference. */
function shorten(before: string, after: string): { before: string; after: string } {
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  const from = Math.max(0, same - MAX_SHOWN / 2);
  const cut = (text: string) =>
    (from > 0 ? "…" : "") + text.slice(from, from + MAX_SHOWN) +
    (text.length > from + MAX_SHOWN ? "…" : "");
  return { before: cut(before), after: cut(after) };
}

function toOneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
