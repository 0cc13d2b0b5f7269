/**
 * Planted trees for the rules about imports.
 *
 * @module
 */

import { borders } from "../../../../tools/check/rules/borders.ts";
import { circles } from "../../../../tools/check/rules/circles.ts";
import { facade } from "../../../../tools/check/rules/facade.ts";
import { testedModules } from "../../../../tools/check/rules/tested_modules.ts";
import { type RuleCase, writeLines } from "../rule_case.ts";

const CIRCLES: readonly RuleCase[] = [
  {
    rule: circles,
    name: "two files import each other, one of them only a type",
    texts: {
      "redis/a.ts": 'import { b } from "./b.ts";\n',
      "redis/b.ts": 'import type { A } from "./a.ts";\n',
    },
    finds: ["redis/a.ts"],
  },
  {
    rule: circles,
    name: "two rooms import each other by files that do not",
    texts: {
      "redis/a.ts": 'export { b } from "../contract/text/b.ts";\n',
      "redis/c.ts": "export const c = 1;\n",
      "contract/text/b.ts": "export const b = 1;\n",
      "contract/text/d.ts": 'import { c } from "../../redis/c.ts";\n',
    },
    finds: ["contract/text"],
  },
  {
    rule: circles,
    name: "a file is imported on two ways",
    texts: {
      "redis/a.ts": 'import "./b.ts";\nimport "./c.ts";\n',
      "redis/b.ts": 'import "./d.ts";\n',
      "redis/c.ts": 'import "./d.ts";\n',
      "redis/d.ts": "export const d = 1;\n",
    },
    finds: [],
  },
];

const BORDERS: readonly RuleCase[] = [
  {
    rule: borders,
    name: "the sandbox imports a link to Redis",
    texts: { "isolate/sandbox/a.ts": '\nimport { link } from "../../redis/redis_link.ts";\n' },
    finds: ["isolate/sandbox/a.ts:2"],
  },
  {
    rule: borders,
    name: "the contract imports a type of a room above",
    texts: { "contract/a.ts": 'import type { A } from "../runtime/a.ts";\n' },
    finds: ["contract/a.ts:1"],
  },
  {
    rule: borders,
    name: "the command line imports the runtime before it is needed",
    texts: { "cli/a.ts": 'import { start } from "../runtime/shard.ts";\n' },
    finds: ["cli/a.ts:1"],
  },
  {
    rule: borders,
    name: "each imports a room further down, and the command line the runtime when it runs",
    texts: {
      "isolate/sandbox/a.ts": 'import { decode } from "../../redis/resp_decoder.ts";\n',
      "runtime/a.ts": 'import type { A } from "../contract/a.ts";\n',
      "cli/a.ts": 'const { start } = await import("../runtime/shard.ts");\n',
      "tests/a.ts": 'import { start } from "../runtime/shard.ts";\n',
    },
    finds: [],
  },
];

const FACADE: readonly RuleCase[] = [
  {
    rule: facade,
    name: "the engine declares data types, and a source imports it",
    texts: {
      "runtime/engine/engine.ts": "export interface Engine {}\nexport interface Row {}\n",
      "runtime/events/sources/a.ts": 'import type { Engine } from "../../engine/engine.ts";\n',
    },
    finds: ["runtime/events/sources/a.ts:1", "runtime/engine/engine.ts:2"],
  },
  {
    rule: facade,
    name: "the engine declares itself, and rooms above import it",
    texts: {
      "runtime/engine/engine.ts": "export interface Engine {}\n",
      "runtime/http/a.ts": 'import type { Engine } from "../engine/engine.ts";\n',
      "runtime/shard.ts": 'import type { Engine } from "./engine/engine.ts";\n',
    },
    finds: [],
  },
];

const TESTED_MODULES: readonly RuleCase[] = [
  {
    rule: testedModules,
    name: "no test imports a module of 201 lines",
    texts: { "redis/a.ts": writeLines(201), "tests/redis/a_test.ts": writeLines(1) },
    finds: ["redis/a.ts"],
  },
  {
    rule: testedModules,
    name: "a test imports it, and a module of 200 lines has none",
    texts: {
      "redis/a.ts": writeLines(201),
      "redis/b.ts": writeLines(200),
      "tests/redis/a_test.ts": 'import { a } from "../../redis/a.ts";\n',
    },
    finds: [],
  },
];

/** Trees for the rules about imports. */
export const IMPORT_CASES = [...CIRCLES, ...BORDERS, ...FACADE, ...TESTED_MODULES];
