/**
 * Planted trees for the rules about sizes and names.
 *
 * @module
 */

import { doubledNames } from "../../../../tools/check/rules/doubled_names.ts";
import { pageLengths } from "../../../../tools/check/rules/page_lengths.ts";
import { sizes } from "../../../../tools/check/rules/sizes.ts";
import { type RuleCase, type Texts, writeLines } from "../rule_case.ts";

const SIZES: readonly RuleCase[] = [
  {
    rule: sizes,
    name: "a file of 351 lines",
    texts: { "redis/a.ts": writeLines(351) },
    finds: ["redis/a.ts"],
  },
  {
    rule: sizes,
    name: "a function of 41 lines",
    texts: { "redis/a.ts": `/** Reads. */\nfunction read() {\n${writeLines(39)}}\n` },
    finds: ["redis/a.ts:2"],
  },
  {
    rule: sizes,
    name: "a class of 201 lines",
    texts: { "redis/a.ts": `class A {\n${"  #a = 1;\n".repeat(199)}}\n` },
    finds: ["redis/a.ts:1"],
  },
  {
    rule: sizes,
    name: "a class of 16 public members",
    texts: { "redis/a.ts": writeClass(16) },
    finds: ["redis/a.ts:1"],
  },
  {
    rule: sizes,
    name: "a folder of 16 files",
    texts: writeFolder(16),
    finds: ["redis"],
  },
  {
    rule: sizes,
    name: "everything as large as it may be",
    texts: {
      ...writeFolder(15),
      "redis/a1.ts": writeLines(350),
      "redis/a2.ts": `function read() {\n${writeLines(38)}}\n`,
      "redis/a3.ts": `class A {\n${"  #a = 1;\n".repeat(198)}}\n`,
      "redis/a4.ts": writeClass(15),
      "tests/a.ts": writeLines(400),
    },
    finds: [],
  },
];

const DOUBLED_NAMES: readonly RuleCase[] = [
  {
    rule: doubledNames,
    name: "two files have one name",
    texts: { "redis/a.ts": writeLines(1), "cli/a.ts": writeLines(1) },
    finds: ["redis/a.ts", "cli/a.ts"],
  },
  {
    rule: doubledNames,
    name: "two exported types have one name",
    texts: {
      "redis/a.ts": "\nexport interface Link {}\n",
      "cli/b.ts": "export class Link {}\n",
    },
    finds: ["redis/a.ts:2", "cli/b.ts:1"],
  },
  {
    rule: doubledNames,
    name: "a step has the name of its operation; types that stay in their files",
    texts: {
      "sdk/operations/map.ts": "type Row = string;\nexport type Map = string;\n",
      "isolate/sandbox/steps/map.ts": "type Row = number;\n",
      "tests/sdk/operations/map.ts": "export type Map = number;\n",
    },
    finds: [],
  },
];

const PAGE_LENGTHS: readonly RuleCase[] = [
  {
    rule: pageLengths,
    name: "entry pages are a line too long",
    texts: { "README.md": writeLines(131), "ARCHITECTURE.md": writeLines(151) },
    finds: ["README.md", "ARCHITECTURE.md"],
  },
  {
    rule: pageLengths,
    name: "entry pages are as long as they may be; other pages are free",
    texts: {
      "README.md": writeLines(130),
      "ARCHITECTURE.md": writeLines(150),
      "docs/http.md": writeLines(500),
    },
    finds: [],
  },
];

/** Trees for the rules about sizes and names. */
export const SIZE_CASES = [...SIZES, ...DOUBLED_NAMES, ...PAGE_LENGTHS];

/** Writes a class with so many public members, and private ones and a constructor besides. */
function writeClass(members: number): string {
  const methods = Array.from({ length: members }, (_, index) => `  read${index}() {}\n`);
  return `class A {\n  #a = 1;\n  constructor() {}\n  [Symbol.dispose]() {}\n${
    methods.join("")
  }}\n`;
}

function writeFolder(files: number): Texts {
  const paths = Array.from({ length: files }, (_, index) => `redis/a${index + 1}.ts`);
  return Object.fromEntries(paths.map((path) => [path, writeLines(1)]));
}
