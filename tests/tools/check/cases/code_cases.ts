/**
 * Planted trees for the rules about statements and texts.
 *
 * @module
 */

import { bareErrors } from "../../../../tools/check/rules/bare_errors.ts";
import { docOpenings } from "../../../../tools/check/rules/doc_openings.ts";
import { parsedData } from "../../../../tools/check/rules/parsed_data.ts";
import { programName } from "../../../../tools/check/rules/program_name.ts";
import { waiting } from "../../../../tools/check/rules/waiting.ts";
import type { RuleCase } from "../rule_case.ts";

const BARE_ERRORS: readonly RuleCase[] = [
  {
    rule: bareErrors,
    name: "the runtime throws an error without a code",
    texts: { "runtime/a.ts": '\nif (isOver) throw new Error("Is over");\n' },
    finds: ["runtime/a.ts:2"],
  },
  {
    rule: bareErrors,
    name: "errors have a code, or a class; the codec is free",
    texts: {
      "runtime/a.ts": 'throw new PinionError("ABORTED");\n',
      "cli/a.ts": 'throw new RangeError("Is too long");\n',
      "redis/a.ts": 'throw new Error("Is no frame");\n',
    },
    finds: [],
  },
];

const DOC_OPENINGS: readonly RuleCase[] = [
  {
    rule: docOpenings,
    name: "comments begin with a clause, or send the reader elsewhere",
    texts: {
      "redis/a.ts": "/** Whether it is open. */\nlet a;\n/**\n * What comes.\n */\nlet b;\n",
      "redis/b.ts": "/** Reads. See the module. */\nlet c;\n",
    },
    finds: ["redis/a.ts:1", "redis/a.ts:3", "redis/b.ts:1"],
  },
  {
    rule: docOpenings,
    name: "comments begin with a verb or a noun, also one that begins like a clause",
    texts: {
      "redis/a.ts": "/** Tells whether it is open. */\nlet a;\n/** Items of a page. */\nlet b;\n",
      "redis/b.ts": "// Where the page ends.\n/* What comes. */\nlet c;\n",
      "bench/a.ts": "/** Whether it is open. */\nlet d;\n",
    },
    finds: [],
  },
];

const PARSED_DATA: readonly RuleCase[] = [
  {
    rule: parsedData,
    name: "a type is claimed for the result of a parser",
    texts: {
      "cli/a.ts": "const a = JSON.parse(text) as Row;\n\nconst b = (await reply.json()) as Row;\n",
      "coordinator/a.ts": "const c = unpackMultiple(bytes) as Row[];\n",
    },
    finds: ["cli/a.ts:1", "cli/a.ts:3", "coordinator/a.ts:1"],
  },
  {
    rule: parsedData,
    name: "a schema gives the type, or nothing is claimed",
    texts: {
      "cli/a.ts":
        "const a = Row.parse(JSON.parse(text) as unknown);\nconst b = rows.at(0) as Row;\n",
    },
    finds: [],
  },
];

const PROGRAM_NAME: readonly RuleCase[] = [
  {
    rule: programName,
    name: "texts spell the program's name",
    texts: { "cli/a.ts": 'print("run deno task start");\nprint(`deno task ${name}`);\n' },
    finds: ["cli/a.ts:1", "cli/a.ts:2"],
  },
  {
    rule: programName,
    name: "the constant has it, comments may",
    texts: {
      "contract/text/program_name.ts": 'export const PROGRAM_NAME = "deno task";\n',
      "cli/a.ts": "// As in deno task start.\nprint(`${PROGRAM_NAME} start`);\n",
    },
    finds: [],
  },
];

const WAITING: readonly RuleCase[] = [
  {
    rule: waiting,
    name: "promises that only a timer resolves",
    texts: {
      "runtime/a.ts": "await new Promise((resolve) => setTimeout(resolve, 10));\n",
      "runtime/b.ts": "await new Promise<void>((done) => {\n  setTimeout(done, 10);\n});\n",
    },
    finds: ["runtime/a.ts:1", "runtime/b.ts:1"],
  },
  {
    rule: waiting,
    name: "a wait for an event, a timer with an end of its own, and delay",
    texts: {
      "runtime/a.ts":
        'await new Promise((resolve) => socket.once("close", resolve));\nawait delay(10);\n',
      "runtime/b.ts": "const timer = setTimeout(close, 10);\n",
    },
    finds: [],
  },
];

/** Trees for the rules about statements and texts. */
export const CODE_CASES = [
  ...[BARE_ERRORS, DOC_OPENINGS, PARSED_DATA, PROGRAM_NAME, WAITING].flat(),
];
