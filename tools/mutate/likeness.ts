/**
 * Compares sources by the words in them: a test of libraries speaks of versions and upgrades, as
 * the source does that it tests.
 *
 * Each word counts by how often a text has it and by how few texts have it at all (tf-idf); two
 * texts are as alike as the cosine of the angle between them.
 *
 * @module
 */

import type { Sources } from "./choose_faults.ts";

/** Weights of words, scaled to length 1. */
type Vector = ReadonlyMap<string, number>;

/** Words shorter than this are `of`, `to` and names of loops. */
const MIN_WORD = 3;

/** Likeness of texts within one checkout. */
export class Likeness {
  readonly #sources: Sources;
  readonly #vectors = new Map<string, Vector>();
  /** Texts that have a word. */
  readonly #texts = new Map<string, number>();

  constructor(sources: Sources) {
    this.#sources = sources;
    for (const text of sources.values()) {
      for (const word of new Set(wordsIn(text))) {
        this.#texts.set(word, (this.#texts.get(word) ?? 0) + 1);
      }
    }
  }

  /** Likeness of a text to a file, from 0 to 1. */
  compare(text: string, path: string): number {
    const [one, other] = [this.#vectorOf(text), this.#ofFile(path)];
    let sum = 0;
    for (const [word, weight] of one) sum += weight * (other.get(word) ?? 0);
    return sum;
  }

  #ofFile(path: string): Vector {
    const kept = this.#vectors.get(path);
    if (kept !== undefined) return kept;
    const vector = this.#vectorOf(`${path} ${this.#sources.get(path) ?? ""}`);
    this.#vectors.set(path, vector);
    return vector;
  }

  #vectorOf(text: string): Vector {
    const counts = new Map<string, number>();
    for (const word of wordsIn(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
    const weights = [...counts].map(([word, count]) => [word, this.#weigh(word, count)] as const);
    const length = Math.hypot(...weights.map(([, weight]) => weight)) || 1;
    return new Map(weights.map(([word, weight]) => [word, weight / length]));
  }

  #weigh(word: string, count: number): number {
    const rarity = Math.log((this.#sources.size + 1) / ((this.#texts.get(word) ?? 0) + 1));
    return (1 + Math.log(count)) * rarity;
  }
}

/** Words of a text, also those within names such as `addVersion`, in the singular. */
function wordsIn(text: string): string[] {
  return (text.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? [])
    .map((word) => word.toLowerCase().replace(/s$/, ""))
    .filter((word) => word.length >= MIN_WORD);
}
