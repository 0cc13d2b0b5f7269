/**
 * Pages of the documentation, taken apart: code blocks, links, headings, code spans.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** Folder of the repository, as a URL. */
export const ROOT = new URL("../../../", import.meta.url);

/** A page. */
export interface Page {
  /** Path from the folder of the repository. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** A fenced code block. */
export interface Block {
  /** Line of its fence; counts from 1. */
  readonly line: number;
  /** First word behind the fence. */
  readonly language: string;
  /** The words after it, such as `output`. */
  readonly tags: readonly string[];
  readonly code: string;
}

/** Pages outside `docs/`. */
const TOP_PAGES = [
  "README.md",
  "ARCHITECTURE.md",
  "SECURITY.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "examples/README.md",
];

/** Folders without code of this project. */
const SKIPPED = /^(\.|node_modules$|dist$|coverage$)/;

/** Reads every page, in the order of their paths. */
export async function readPages(): Promise<Page[]> {
  const paths = [...TOP_PAGES, ...listMarkdown("docs/")].sort();
  return await Promise.all(paths.map(async (path) => {
    const text = await Deno.readTextFile(new URL(path, ROOT));
    return { path, text, blocks: findBlocks(text) };
  }));
}

/** Lists the relative targets of the links of a page, outside of code. */
export function listLinks({ text }: Page): string[] {
  const prose = withoutFences(text).replace(/`[^`]*`/g, "");
  return Array.from(prose.matchAll(/\]\(([^()\s]+)\)/g), ([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** Lists the anchors that GitHub gives to the headings of a page. */
export function listAnchors({ text }: Page): string[] {
  const headings = withoutFences(text).matchAll(/^#{1,6} +(.+)$/gm);
  const seen = new Map<string, number>();
  return Array.from(headings, ([, heading]) => {
    const slug = heading.toLowerCase().replace(/[^\p{L}\p{N}\p{M} _-]/gu, "").replaceAll(" ", "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

/** Lists the code spans of a page: what stands in backticks within its prose. */
export function listSpans({ text }: Page): string[] {
  return Array.from(withoutFences(text).matchAll(/`([^`]+)`/g), ([, code]) => code);
}

/** Tells whether a block of commands says that it does not run: `sh not-run: REASON`. */
export function isNotRun({ language, tags }: Block): boolean {
  return language === "sh" && tags[0] === "not-run:";
}

/** Lists the names of the files of the code, without their folders. */
export function listSources(folder = ""): string[] {
  return [...Deno.readDirSync(new URL(`./${folder}`, ROOT))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return SKIPPED.test(name) ? [] : listSources(`${folder}${name}/`);
    return name.endsWith(".ts") ? [name] : [];
  });
}

/** Returns the path of a file of the repository on this machine. */
export function pathOf(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

function listMarkdown(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return listMarkdown(`${folder}${name}/`);
    return name.endsWith(".md") ? [`${folder}${name}`] : [];
  });
}

function findBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const fence = /^( *)```(.*)$/.exec(lines[index]);
    if (fence === null) continue;
    const end = lines.indexOf(`${fence[1]}\`\`\``, index + 1);
    const [language = "", ...tags] = fence[2].trim().split(" ");
    const code = lines.slice(index + 1, end).map((line) => line.slice(fence[1].length));
    blocks.push({ line: index + 1, language, tags, code: code.join("\n") });
    index = end;
  }
  return blocks;
}

function withoutFences(text: string): string {
  return text.replace(/^( *)```[^]*?^ *```$/gm, "");
}
