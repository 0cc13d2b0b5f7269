/**
 * Writes the tables of the documentation that the code knows better: limits, commands, routes,
 * errors, sub-commands. Each stands between two comments of its page, `<!-- table: limits -->` and
 * `<!-- end -->`.
 *
 * `deno task docs` writes them; a test fails if one is stale.
 *
 * @module
 */

import { COMMANDS } from "../cli/cli_commands.ts";
import { ERROR_KINDS } from "../errors.ts";
import { resolveConfig } from "../runtime/base/config.ts";
import { ROUTE_TABLE } from "../runtime/http/routes/route_table.ts";
import { formatLimit } from "../contract/api/limit_row.ts";
import { listLimits } from "../runtime/engine/api/limit_table.ts";
import { COMMAND_TABLE } from "../runtime/resp/commands/command_table.ts";
import { renderCommandTable } from "../runtime/resp/commands/help_command.ts";

/** A page with a table, as it is and as it is to be. */
export interface WrittenPage {
  readonly url: URL;
  readonly before: string;
  readonly after: string;
}

const DOCS = new URL("../docs/", import.meta.url);
/** Pages with tables of {@linkcode TABLES}. */
const PAGES = ["limits.md", "resp.md", "http.md", "operate.md"];

/** Each table by its name. */
const TABLES: Readonly<Record<string, () => string>> = {
  limits: () =>
    toTable(
      ["limit", "default", "of what", "where it is set"],
      listLimits(resolveConfig({ redis: "redis://127.0.0.1:6379" })).map((row) => [
        `\`${row.name}\``,
        formatLimit(row),
        row.what,
        row.setBy.map((option) => `\`${option}\``.replace(" of deploy`", "` of deploy")).join(", "),
      ]),
    ),
  commands: () => renderCommandTable(COMMAND_TABLE),
  routes: () =>
    toTable(
      ["method", "path", "does"],
      ROUTE_TABLE.map(({ method, path, summary }) => [method, `\`${path}\``, summary]),
    ),
  errors: () =>
    toTable(
      ["code", "says", "HTTP", "RESP", "exit code", "who acts", "retry"],
      Object.entries(ERROR_KINDS).map(([code, { title, http, resp, exit, fault, retryable }]) => [
        ...[`\`${code}\``, title, `${http}`, resp === "" ? "" : `\`${resp}\``, `${exit}`, fault],
        retryable ? "yes" : "",
      ]),
    ),
  "sub-commands": () =>
    toTable(
      ["sub-command", "does"],
      COMMANDS.map(({ name, summary }) => [`\`${name}\``, summary]),
    ),
};

/** Makes every page with a table; nothing is written. */
export async function makePages(): Promise<WrittenPage[]> {
  return await Promise.all(PAGES.map(async (name) => {
    const url = new URL(name, DOCS);
    const before = await Deno.readTextFile(url);
    const replaced = before.replace(
      /(<!-- table: ([\w-]+) -->\n)[^]*?(<!-- end -->)/g,
      (_all, begin: string, table: string, end: string) => `${begin}\n${TABLES[table]()}\n\n${end}`,
    );
    return { url, before, after: await format(replaced) };
  }));
}

function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const toLine = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [toLine(head), toLine(head.map(() => "---")), ...rows.map(toLine)].join("\n");
}

/** Formats Markdown as `deno fmt` does, so that what is written is what stays. */
async function format(text: string): Promise<string> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "--line-width", "100", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout, stderr } = await process.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  for (const { url, before, after } of await makePages()) {
    if (before === after) continue;
    await Deno.writeTextFile(url, after);
    console.log(`docs/${url.pathname.split("/").at(-1)} is new`);
  }
}
