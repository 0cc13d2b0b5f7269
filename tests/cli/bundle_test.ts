import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { bundleFile } from "../../cli/bundle/bundle.ts";
import { needsBundle } from "../../cli/bundle/imports.ts";
import { PinionError } from "../../errors.ts";
import { createProject, type Project } from "./project.ts";

const HELPER = "export function shout(text: string): string {\n  return text.toUpperCase();\n}\n";

async function bundleError(project: Project, name: string): Promise<PinionError> {
  return await assertRejects(() => bundleFile(project.file(name)), PinionError);
}

Deno.test("bundle: relative imports go in, the SDK stays out", async () => {
  await using project = await createProject({
    "src/main.ts": `import { execute } from "pinion";
import { shout } from "../lib/helper.ts";
export const get = async (key: string) => shout(await execute("GET", key));
`,
    "lib/helper.ts": HELPER,
  });
  const bundle = await bundleFile(project.file("src/main.ts"));
  assertStringIncludes(bundle.source, 'from "pinion"');
  assertStringIncludes(bundle.source, "toUpperCase");
  assert(!bundle.source.includes(": string"), "types are gone");
  assertEquals([...bundle.files].sort(), ["lib/helper.ts", "src/main.ts"]);
  assertEquals(bundle.root, project.path);
});

Deno.test("bundle: npm packages go in, by package.json-free specifiers", async () => {
  await using project = await createProject({
    "main.ts": 'import slugify from "npm:@sindresorhus/slugify@3.0.0";\n' +
      "export const slug = async (text: string) => slugify(text);\n",
  });
  const bundle = await bundleFile(project.file("main.ts"));
  assert(bundle.packages.includes("@sindresorhus/slugify@3.0.0"));
  assert(bundle.packages.length > 1, "packages of the package too");
  assert(!/^import/m.test(bundle.source));
});

Deno.test("bundle: the project's own deno.json counts, pinion need not resolve", async () => {
  await using project = await createProject({
    "deno.json": '{ "imports": { "help/": "./lib/", "pinion": "./nowhere/mod.ts" } }',
    "lib/helper.ts": HELPER,
    "deep/er/main.ts": 'import { GB } from "pinion";\nimport { shout } from "help/helper.ts";\n' +
      "export const all = GB().map((r) => shout(r.key));\n",
  });
  const bundle = await bundleFile(project.file("deep/er/main.ts"));
  assertStringIncludes(bundle.source, "toUpperCase");
  assertStringIncludes(bundle.source, 'from "pinion"');
});

Deno.test("bundle: globals of a script stay free", async () => {
  await using project = await createProject({
    "lib/helper.ts": HELPER,
    "main.ts": 'import { shout } from "./lib/helper.ts";\nGB().map((r) => shout(r.key)).run();\n',
  });
  const { source } = await bundleFile(project.file("main.ts"));
  assertStringIncludes(source, "GB().map((r) => shout(r.key)).run();");
});

Deno.test("bundle: nothing tells of the machine", async () => {
  await using project = await createProject({
    "main.ts": 'import ms from "npm:ms@2.1.3";\nexport const t = async () => ms("1h");\n',
  });
  const { source, sourceMap } = await bundleFile(project.file("main.ts"));
  const { sources } = JSON.parse(sourceMap);
  assertEquals(sources, ["npm:ms@2.1.3/index.js", "main.ts"]);
  for (const text of [source, sources.join("\n")]) {
    assert(!text.includes(project.path) && !text.includes(".cache") && !text.includes("../"), text);
  }
});

interface BadFile {
  readonly title: string;
  readonly text: string;
  readonly code: string;
  readonly says: string;
  /** line:column. */
  readonly at: string;
}

const BAD_FILES: readonly BadFile[] = [
  {
    title: "a syntax error",
    text: "const a = 1;\nconst b = ;\n",
    code: "SCRIPT_SYNTAX",
    says: "Expression expected",
    at: "2:11",
  },
  {
    title: "a relative import of nothing",
    text: 'import { a } from "./gone.ts";\nconsole.log(a);\n',
    code: "BAD_IMPORT",
    says: "gone.ts, which does not exist",
    at: "1:19",
  },
  {
    title: "a name that is not exported",
    text: 'import { whisper } from "./lib/helper.ts";\nconsole.log(whisper);\n',
    code: "BAD_IMPORT",
    says: '"whisper", which is not exported there',
    at: "1:10",
  },
  {
    title: "a bare import",
    text: '\nimport lodash from "lodash";\nconsole.log(lodash);\n',
    code: "BAD_IMPORT",
    says: 'write "npm:lodash"',
    at: "2:20",
  },
  {
    title: "a leftover import",
    text: 'import {\n  readFile,\n} from "node:fs/promises";\nexport const f = readFile;\n',
    code: "BAD_IMPORT",
    says: '"node:fs/promises", which cannot be bundled',
    at: "3:8",
  },
  {
    title: "a leftover import() of a literal",
    text: 'export const f = async () => await import("node:fs");\n',
    code: "BAD_IMPORT",
    says: '"node:fs"',
    at: "1:43",
  },
  {
    title: "an import() that is computed",
    text: 'export const f = async (name: string) => {\n  await import(name + ".ts");\n};\n',
    code: "BAD_IMPORT",
    says: "computed when it runs",
    at: "2:16",
  },
];

for (const { title, text, code, says, at } of BAD_FILES) {
  Deno.test(`bundle: ${title} is refused with file and line`, async () => {
    await using project = await createProject({ "main.ts": text, "lib/helper.ts": HELPER });
    const error = await bundleError(project, "main.ts");
    assertEquals(error.code, code);
    assertStringIncludes(error.message, says);
    const { file, line, column } = error.location!;
    assert(file.endsWith("main.ts"), file);
    assertEquals(`${line}:${column}`, at);
  });
}

Deno.test("bundle: an error in an imported file names that file", async () => {
  await using project = await createProject({
    "main.ts":
      'import { shout } from "./lib/helper.ts";\nexport const f = async () => shout("");\n',
    "lib/helper.ts": 'import fs from "node:fs";\nexport const shout = fs;\n',
  });
  const { location } = await bundleError(project, "main.ts");
  assert(location!.file.endsWith("lib/helper.ts"));
  assertEquals([location!.line, location!.column], [1, 16]);
});

Deno.test("bundle: a file that is not there, and a folder, are refused", async () => {
  await using project = await createProject({ "lib/helper.ts": HELPER });
  assertEquals((await bundleError(project, "gone.ts")).code, "NOT_FOUND");
  assertEquals((await bundleError(project, "lib")).code, "BAD_ARGUMENT");
});

Deno.test("bundle: a script needs it only if it imports more than the SDK", async () => {
  const rows: [string, boolean][] = [
    ["GB().run()", false],
    ['import { GB } from "pinion"; GB().run()', false],
    ['import type { A } from "./types.ts"; const a: A = 1;', true],
    ['import { a } from "./a.ts"; a()', true],
    ['import a from "npm:a"; a()', true],
    ['const a = await import("./a.ts")', true],
    ["const text = \"import x from 'y'\";", false],
  ];
  for (const [source, expected] of rows) assertEquals(await needsBundle(source), expected, source);
});
