/**
 * The interface of a rule of the house: every file of `rules/` implements it.
 *
 * @module
 */

import type { Project } from "./project.ts";

/** A place that breaks a rule. */
export interface Finding {
  /** Path of the file or folder, relative to the root. */
  readonly path: string;
  /** Counts from 1; absent where the whole file or folder is meant. */
  readonly line?: number;
  /** The breach and its remedy. */
  readonly message: string;
}

/** A rule. */
export interface Rule {
  /** Name in findings and exceptions. */
  readonly name: string;
  /** Lists the places that break it. */
  find(project: Project): Finding[];
}
