/**
 * The commands of the pages run as they stand there, in their order, in one folder with one runtime
 * for each page, and answer as the pages say.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { findServer } from "../../servers/server_binary.ts";
import { openSession } from "./support/page_session.ts";
import { type Block, isNotRun, type Page, readPages } from "./support/pages.ts";
import { fileNameOf } from "./support/type_check.ts";

/** Pages whose commands are for a cluster, with its shards; others have one runtime. */
const SHARDS: Readonly<Record<string, number>> = { "docs/cluster.md": 3 };
/** Programs of the pages' commands; Debian has the first one in redis-tools. */
const PROGRAMS = ["redis-cli", "curl"];

const missingPrograms = PROGRAMS.filter((name) => !isInstalled(name));
for (const page of (await readPages()).filter(hasCommands)) {
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
    if (!isCommand(block)) continue;
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

function hasCommands({ blocks }: Page): boolean {
  return blocks.some(isCommand);
}

function isCommand(block: Block): boolean {
  return block.language === "sh" && !isNotRun(block);
}

function isInstalled(program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.some((folder) => {
    try {
      return Deno.statSync(join(folder, program)).isFile;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
        return false;
      }
      throw error;
    }
  });
}
