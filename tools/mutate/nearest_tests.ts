/**
 * Puts the tests of a fault in order: those that are likely to see it come first.
 *
 * @module
 */

import type { Fault } from "./fault.ts";
import { distancesFrom, type ImportGraph } from "./import_graph.ts";
import { Likeness } from "./likeness.ts";
import type { Sources } from "./choose_faults.ts";

/** Test files. */
const TEST = /^tests\/.*_test\.ts$/;
/** Steps of distance that a word is worth which the names of file and test share; their folders. */
const SAME_NAME = 2;
const SAME_FOLDER = 1;
/** Steps that texts which are quite alike are worth. */
const ALIKE = 20;
/** Characters on either side of a fault that say what it is about. */
const ROUND_ABOUT = 600;
/** Words that nearly every path has. */
const COMMON = new Set(["tests", "test", "runtime", "main", "ts"]);

/**
 * Finds the test files that reach a fault over imports, nearest first.
 *
 * Those that import the file itself come first. The others follow by their distance, shortened by
 * the words that their path shares with the file's (the mirrored folder has most of these), and by
 * the likeness of their text to the file's and to what stands round about the fault.
 */
export class NearestTests {
  readonly #graph: ImportGraph;
  readonly #sources: Sources;
  readonly #likeness: Likeness;

  constructor(graph: ImportGraph, sources: Sources) {
    this.#graph = graph;
    this.#sources = sources;
    this.#likeness = new Likeness(sources);
  }

  /** Paths of tests in the order in which they are to be run. */
  of(fault: Pick<Fault, "path" | "start">): string[] {
    return [...distancesFrom(fault.path, this.#graph)]
      .filter(([test]) => TEST.test(test))
      .map(([test, distance]) => ({ test, order: this.#orderOf(fault, test, distance) }))
      .sort((a, b) => a.order - b.order || (a.test < b.test ? -1 : 1))
      .map(({ test }) => test);
  }

  #orderOf({ path, start }: Pick<Fault, "path" | "start">, test: string, distance: number): number {
    const text = this.#sources.get(path)!;
    const around = text.slice(Math.max(0, start - ROUND_ABOUT), start + ROUND_ABOUT);
    const alike = this.#likeness.compare(text, test) + this.#likeness.compare(around, test);
    const order = distance - sharedWords(path, test) - ALIKE * alike;
    // Far below every other one, and among each other in the same order.
    return distance <= 1 ? order - 1_000 : order;
  }
}

function sharedWords(path: string, test: string): number {
  const [file, own] = [toWords(path), toWords(test)];
  const all = [...own.name, ...own.folders];
  return SAME_NAME * count(file.name, all) + SAME_FOLDER * count(file.folders, all);
}

function count(words: readonly string[], others: readonly string[]): number {
  return new Set(words.filter((word) => others.includes(word))).size;
}

function toWords(path: string): { name: string[]; folders: string[] } {
  const parts = path.split("/");
  const split = (text: string) =>
    text.split(/[._]/).filter((word) => !COMMON.has(word)).map((word) => word.replace(/s$/, ""));
  return { name: split(parts.at(-1)!), folders: parts.slice(0, -1).flatMap(split) };
}
