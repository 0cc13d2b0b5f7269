/**
 * Prints what came of faults: a line for each and a closing one.
 *
 * @module
 */

import type { Verdict } from "./examine.ts";

/** Share of faults that the suite has to see, in percent. */
export const WANTED_PERCENT = 85;

/** Numbers of a run. */
export interface Summary {
  readonly seen: number;
  readonly unseen: number;
  readonly hang: number;
  /** Seen ones of all, rounded down. */
  readonly percent: number;
}

/** Counts verdicts. */
export function sumUp(verdicts: readonly Verdict[]): Summary {
  const count = (wanted: Verdict["kind"]) => verdicts.filter(({ kind }) => kind === wanted).length;
  const seen = count("seen");
  const percent = verdicts.length === 0 ? 0 : Math.floor(seen * 100 / verdicts.length);
  return { seen, unseen: count("unseen"), hang: count("hang"), percent };
}

/** One line about one fault. */
export function showVerdict({ fault, kind, by, tests, seconds }: Verdict): string {
  const who = { seen: by, unseen: "UNSEEN", hang: `HANG ${by}` }[kind];
  const change = `"${fault.before}" => "${fault.after}"`;
  const cost = `(${tests} ${tests === 1 ? "file" : "files"}, ${seconds} s)`;
  return `${fault.path}:${fault.line} | ${fault.kind} | ${change} | ${who} ${cost}`;
}

/** The closing line. */
export function showSummary({ seen, unseen, hang, percent }: Summary, seconds: number): string {
  const time = `${Math.floor(seconds / 60)}m${Math.round(seconds % 60)}s in all`;
  const word = percent >= WANTED_PERCENT ? "ok" : "FAILED";
  return `${word} | ${seen} seen | ${unseen} unseen | ${hang} hang | ${percent} % (${time})`;
}

/** A verdict as a line of JSON. */
export function toJson({ fault, kind, by, tests, seconds }: Verdict): string {
  const { path, line, kind: faultKind, before, after } = fault;
  return JSON.stringify({ path, line, fault: faultKind, before, after, kind, by, tests, seconds });
}
