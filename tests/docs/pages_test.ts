/**
 * Pages of the documentation say what is so: their links lead somewhere, the commands and paths that
 * they name exist, and each code block is checked by its language.
 *
 * ```text
 * ts            checked for types; a first line `// name.ts` makes it a file of the page's folder
 * sh            run by `commands_test.ts` in that folder, beside a runtime, unless it says `not-run:`
 *               and a reason; the tasks and flags of those must exist, too
 * json          parsed; `json config` is checked as the file of `--config`
 * text          pictures; `text output` is compared with the output of the block before it
 * ```
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { dirname, join, normalize } from "node:path";
import { resolveConfig } from "../../runtime/base/config.ts";
import { listFaults } from "./support/commands.ts";
import {
  type Block,
  isNotRun,
  listAnchors,
  listLinks,
  listSources,
  listSpans,
  type Page,
  pathOf,
  readPages,
} from "./support/pages.ts";
import { checkTypes, fileNameOf } from "./support/type_check.ts";

const PAGES = await readPages();
const LANGUAGES = ["ts", "sh", "json", "text"];
/** Blocks of commands that need not run, in all pages together. */
const MAX_NOT_RUN = 12;
/** Words that a reason has at least. */
const REASON_WORDS = 3;
/** Paths in code spans are those of the repository where they begin so. */
const TOP_FOLDERS = [...Deno.readDirSync(pathOf("."))].filter(({ isDirectory }) => isDirectory)
  .map(({ name }) => name);

Deno.test("pages: each code block names a language that says how it is checked", () => {
  const others = PAGES.flatMap(({ path, blocks }) =>
    blocks.filter(({ language }) => !LANGUAGES.includes(language))
      .map(({ line, language }) => `${path}:${line}: ${language || "no language"}`)
  );
  assertEquals(others, []);
});

Deno.test("pages: few blocks of commands do not run, and each says a reason", () => {
  const skipped = PAGES.flatMap(({ path, blocks }) =>
    blocks.filter(isNotRun).map(({ line, tags }) => ({ at: `${path}:${line}`, tags }))
  );
  assert(skipped.length <= MAX_NOT_RUN, `${skipped.length} blocks do not run`);
  const silent = skipped.filter(({ tags }) => tags.length - 1 < REASON_WORDS);
  assertEquals(silent.map(({ at }) => at), []);
});

Deno.test("pages: each file of TypeScript is used by a command of its page", () => {
  const unused = PAGES.flatMap(({ path, blocks }) =>
    blocks.filter((block) => block.language === "ts" && !isUsed(block, blocks))
      .map(({ line }) => `${path}:${line}`)
  );
  assertEquals(unused, []);
});

Deno.test("pages: TypeScript fits the types of the SDK", async () => {
  assertEquals(await checkTypes(PAGES), "");
});

Deno.test("pages: JSON parses, and configurations are accepted", () => {
  for (const { blocks } of PAGES) {
    for (const { code, tags } of blocks.filter(({ language }) => language === "json")) {
      const value: object = JSON.parse(code);
      if (tags.includes("config")) resolveConfig({ redis: "redis://127.0.0.1:6379", ...value });
    }
  }
});

Deno.test("pages: each task, sub-command and flag exists", async () => {
  for (const page of PAGES) {
    assertEquals(await listFaults(page.text), [], page.path);
  }
});

Deno.test("pages: each link leads to a page, and to a heading where it names one", async () => {
  for (const page of PAGES) {
    for (const link of listLinks(page)) await checkLink(page, link);
  }
});

Deno.test("pages: each path of the repository exists", async () => {
  const missing: string[] = [];
  for (const page of PAGES) {
    for (const span of listSpans(page).filter(isPath)) {
      const found = await Deno.stat(pathOf(span)).catch(() => null);
      if (found === null) missing.push(`${page.path}: ${span}`);
    }
  }
  assertEquals(missing, []);
});

Deno.test("pages: each file of the code that is named alone exists", () => {
  const names = new Set(listSources());
  const missing = PAGES.flatMap((page) => {
    const own = page.blocks.map(fileNameOf);
    return listSpans(page).filter((span) => /^\w+\.ts$/.test(span))
      .filter((span) => !names.has(span) && !own.includes(span))
      .map((span) => `${page.path}: ${span}`);
  });
  assertEquals(missing, []);
});

Deno.test("pages: each page of docs/ is reached from its index", () => {
  const reached = new Set(["docs/README.md"]);
  for (const path of reached) {
    if (!path.endsWith("README.md")) continue;
    const index = PAGES.find((page) => page.path === path);
    for (const link of index === undefined ? [] : listLinks(index)) {
      reached.add(normalize(join(dirname(path), link.split("#")[0])));
    }
  }
  const paths = PAGES.map(({ path }) => path).filter((path) => path.startsWith("docs/"));
  assertEquals(paths.filter((path) => !reached.has(path)), []);
});

/** Tells whether a later command of the page names the file of a block. */
function isUsed(block: Block, blocks: readonly Block[]): boolean {
  const name = fileNameOf(block);
  return name !== undefined &&
    blocks.slice(blocks.indexOf(block)).some(({ language, code }) =>
      language === "sh" && code.includes(name)
    );
}

async function checkLink(page: Page, link: string): Promise<void> {
  const [target, anchor] = link.split("#", 2);
  const path = target === "" ? page.path : normalize(join(dirname(page.path), target));
  const info = await Deno.stat(pathOf(path)).catch(() => null);
  assert(info !== null, `${page.path} links to ${path}, which does not exist`);
  if (anchor === undefined) return;
  const linked = PAGES.find((other) => other.path === path);
  const anchors = linked === undefined ? [] : listAnchors(linked);
  assert(
    anchors.includes(anchor),
    `${page.path} links to ${path}, which has no heading #${anchor}`,
  );
}

function isPath(span: string): boolean {
  return /^[\w.-]+\/[\w./-]*$/.test(span) && TOP_FOLDERS.includes(span.split("/")[0]);
}
