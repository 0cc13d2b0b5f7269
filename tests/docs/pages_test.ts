/**
 * Pages of the documentation say what is so: their code runs, their links lead somewhere, the
 * commands and paths that they name exist.
 *
 * Code blocks by language:
 *
 * ```text
 * ts            checked for types; a first line `// name.ts` also makes it a file of the page's folder
 * sh            run in that folder beside a runtime; a `text output` block behind it is compared, in
 *               which … stands for anything
 * json          parsed; `json config` is checked as the file of `--config`
 * console       commands that do not end, or want another machine: names and flags are checked
 * text          pictures and outputs
 * ```
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { dirname, join, normalize } from "node:path";
import { findServer } from "../../servers/server_binary.ts";
import { resolveConfig } from "../../runtime/base/config.ts";
import { listFaults } from "./support/commands.ts";
import { openSession } from "./support/page_session.ts";
import {
  type Block,
  listAnchors,
  listLinks,
  listSpans,
  type Page,
  pathOf,
  readPages,
} from "./support/pages.ts";
import { checkTypes, fileNameOf } from "./support/type_check.ts";

const PAGES = await readPages();
const LANGUAGES = ["ts", "sh", "json", "console", "text"];
/** Pages whose commands are for a cluster, with its shards; others have one runtime. */
const SHARDS: Readonly<Record<string, number>> = { "docs/cluster.md": 3 };
/** Programs of the pages' commands; Debian has the first one in redis-tools. */
const PROGRAMS = ["redis-cli", "curl"];
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

Deno.test("pages: each page of docs/ is reached from its index", () => {
  const index = PAGES.find(({ path }) => path === "docs/README.md")!;
  const linked = listLinks(index).map((link) => normalize(join("docs", link.split("#")[0])));
  const unlinked = PAGES.map(({ path }) => path)
    .filter((path) => path.startsWith("docs/") && path !== index.path && !linked.includes(path));
  assertEquals(unlinked, []);
});

const missingPrograms = PROGRAMS.filter((name) => !isInstalled(name));
for (const page of PAGES.filter(({ blocks }) => blocks.some(({ language }) => language === "sh"))) {
  const reason = missingPrograms.length === 0 ? "" : ` (needs ${missingPrograms.join(", ")})`;
  Deno.test({
    name: `pages: the commands of ${page.path} answer as they say${reason}`,
    ignore: missingPrograms.length > 0 || await findServer() === undefined,
    fn: (t) => runPage(page, t),
  });
}

/** Runs the blocks of a page in their order, in one folder with one runtime. */
async function runPage({ path, blocks }: Page, t: Deno.TestContext): Promise<void> {
  await using session = await openSession({ shards: SHARDS[path] ?? 1 });
  for (const [index, block] of blocks.entries()) {
    const file = block.language === "ts" ? fileNameOf(block) : undefined;
    if (file !== undefined) await session.write(file, `${block.code}\n`);
    if (block.language !== "sh") continue;
    await t.step(`line ${block.line}`, async () => {
      const { code, output } = await session.run(block.code);
      assertEquals(code, 0, output);
      const expected = blocks[index + 1];
      if (expected !== undefined && isOutput(expected)) assertOutput(output, expected.code);
    });
  }
}

function isOutput({ language, tags }: Block): boolean {
  return language === "text" && tags.includes("output");
}

/** Compares line by line, without blanks at the ends; `…` stands for anything within a line. */
function assertOutput(actual: string, expected: string): void {
  const toLines = (text: string) => text.trim().split("\n").map((line) => line.trimEnd());
  const lines = toLines(actual);
  const patterns = toLines(expected).map(toPattern);
  const isSame = lines.length === patterns.length &&
    patterns.every((pattern, index) => pattern.test(lines[index]));
  if (!isSame) assertEquals(lines.join("\n"), toLines(expected).join("\n"));
}

function toPattern(line: string): RegExp {
  const parts = line.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
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

function isInstalled(program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.some((folder) => {
    try {
      return Deno.statSync(join(folder, program)).isFile;
    } catch {
      return false;
    }
  });
}
