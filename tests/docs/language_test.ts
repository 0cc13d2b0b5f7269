/**
 * Pages are short, open each sentence with its subject, and give each term once.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { type Page, readPages } from "./support/pages.ts";

const PAGES = await readPages();
/** Lines that a page may have. */
const MAX_LINES: Readonly<Record<string, number>> = { "README.md": 130, "ARCHITECTURE.md": 150 };
/** Words that no sentence and no heading opens with. */
const OPENINGS = ["What", "Whether", "Where", "Who", "Why", "How", "It", "See"];
/** The end of a sentence, or the mark before a first word: of a list, a cell, a heading. */
const BEGINNING = `(?:^|[.:!?]\\*{0,2}\\)?[ \\n]+|^[#*|>-]+ +|\\| +)[*_"(\\[]*`;

Deno.test("language: README and ARCHITECTURE are short", () => {
  for (const { path, text } of PAGES.filter(({ path }) => MAX_LINES[path] !== undefined)) {
    const lines = text.trimEnd().split("\n").length;
    assert(lines <= MAX_LINES[path], `${path} has ${lines} lines`);
  }
});

Deno.test("language: no sentence opens with a question word, It or See", () => {
  assertEquals(PAGES.flatMap(listOpenings), []);
});

Deno.test("language: no heading is a question", () => {
  const questions = PAGES.flatMap(({ path, text }) =>
    Array.from(text.matchAll(/^#+ .*\?$/gm), ([heading]) => `${path}: ${heading}`)
  );
  assertEquals(questions, []);
});

Deno.test("language: the glossary has each term once, in order", () => {
  const { text } = PAGES.find(({ path }) => path === "docs/glossary.md")!;
  const terms = Array.from(text.matchAll(/^\| (\S.*?) +\|/gm), ([, term]) => term).slice(2);
  assert(terms.length > 0);
  assertEquals(terms, [...new Set(terms)].sort());
});

function listOpenings({ path, text }: Page): string[] {
  const prose = text.replace(/^( *)```[^]*?^ *```$/gm, "").replace(/`[^`]*`/g, "x");
  const pattern = new RegExp(`${BEGINNING}(${OPENINGS.join("|")})\\b[^\\n]{0,40}`, "gm");
  return Array.from(prose.matchAll(pattern), ([match]) => `${path}: ${match.trim()}`);
}
