/**
 * The texts: `text:N`, strings of 8 words from a vocabulary of 1,000.
 *
 * @module
 */

import { type RandomInteger, seededIntegers } from "./random.ts";

const WORDS_PER_TEXT = 8;
const VOCABULARY = 1_000;
/** Texts that one MSET writes. */
const TEXTS_PER_COMMAND = 100;

/** How often each word occurs. */
export type Counts = ReadonlyMap<string, number>;

/** Commands that write the texts, and what a count of their words must give. */
export interface Texts {
  readonly commands: Iterable<readonly string[]>;
  /** Complete once every command has been taken. */
  readonly counts: Counts;
}

/** `count` texts. */
export function makeTexts(count: number, seed: number): Texts {
  const random = seededIntegers(seed);
  const words = makeVocabulary(random);
  const counts = new Map<string, number>();
  return { commands: writeTexts(count, words, random, counts), counts };
}

function* writeTexts(
  count: number,
  words: readonly string[],
  random: RandomInteger,
  counts: Map<string, number>,
): Generator<readonly string[]> {
  for (let from = 0; from < count; from += TEXTS_PER_COMMAND) {
    const command = ["MSET"];
    for (let index = from; index < Math.min(count, from + TEXTS_PER_COMMAND); index++) {
      let text = "";
      for (let place = 0; place < WORDS_PER_TEXT; place++) {
        const word = words[random(words.length)];
        counts.set(word, (counts.get(word) ?? 0) + 1);
        text += place === 0 ? word : ` ${word}`;
      }
      command.push(`text:${index}`, text);
    }
    yield command;
  }
}

/** Words of 3 to 10 letters, each different. */
function makeVocabulary(random: RandomInteger): string[] {
  const words = new Set<string>();
  while (words.size < VOCABULARY) {
    const letters = Array.from({ length: 3 + random(8) }, () => 97 + random(26));
    words.add(String.fromCharCode(...letters));
  }
  return [...words];
}
