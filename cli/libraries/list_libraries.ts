/**
 * `libraries`: what is deployed.
 *
 * @module
 */

import { PROGRAM, TASK } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { LibraryInfo, LibraryName, LibrarySummary } from "../../contract/api/library_info.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";
import { formatAgo, formatTime } from "../ui/format.ts";
import type { Output } from "../ui/output.ts";
import type { Column } from "../ui/text_table.ts";

const COLUMNS: readonly Column<LibrarySummary>[] = [
  { title: "library", value: (row) => row.name, color: (text, style) => style.cyan(text) },
  { title: "version", value: (row) => row.version, align: "right" },
  {
    title: "state",
    value: (row) => row.state,
    color: (text, style, row) => row.state === "ready" ? style.green(text) : style.red(text),
  },
  { title: "exports", value: (row) => row.exports.map(({ name }) => name).join(", ") },
  { title: "calls", value: (row) => row.invocations, align: "right" },
  { title: "failed", value: (row) => row.failures, align: "right" },
  { title: "deployed", value: (row) => formatAgo(row.deployedAt) },
  { title: "description", value: (row) => row.description },
];

/** The command `libraries`. */
export const libraries: Command = defineCommand({
  name: "libraries",
  summary: "list what is deployed, or all about one library",
  args: [["[name]", "one library"]],
  remote: true,
  examples: [
    [`${PROGRAM} libraries`, "list all libraries"],
    [`${PROGRAM} libraries http_function`, "exports, limits and figures of one"],
    [`${PROGRAM} libraries --json | jq '.[].name'`, "their names, in a script"],
  ],
  input: RemoteInput.extend({ name: LibraryName.optional() }),
  action: ({ name }) => name === undefined ? "list the libraries" : `show the library ${name}`,
  async run(input, { signal }): Promise<LibrarySummary[] | LibraryInfo> {
    const client = new Client(input);
    if (input.name === undefined) {
      return await client.get(z.array(LibrarySummary), "/v1/libraries", { signal });
    }
    return await client.get(LibraryInfo, `/v1/libraries/${input.name}`, { signal });
  },
  show: (found, output) => Array.isArray(found) ? showList(found, output) : showOne(found, output),
});

function showList(found: readonly LibrarySummary[], output: Output): void {
  if (found.length === 0) {
    output.hint(`Nothing is deployed. Try \`${TASK} deploy examples/http_function.ts\``);
    return;
  }
  output.printTable(COLUMNS, found);
}

function showOne(library: LibraryInfo, output: Output): void {
  const { manifest } = library;
  const rows: [string, string | undefined][] = [
    ["name", library.name],
    ["description", library.description],
    ["version", `${library.version} of ${library.versions.length} kept`],
    ["state", library.state],
    ["hash", library.hash],
    ["deployed", formatTime(library.deployedAt)],
    ["calls", `${library.invocations}, ${library.failures} of them failed`],
    ...library.exports.map(({ name, kind }): [string, string] => ["export", `${name} (${kind})`]),
    ["env", manifest.env.join(", ") || undefined],
    ["secrets", manifest.secrets.join(", ") || undefined],
    ["user", manifest.redisUser],
    ["hosts", manifest.allowNet.join(", ") || undefined],
    ["memory", manifest.memoryMb === undefined ? undefined : `at most ${manifest.memoryMb} MiB`],
    ["time", manifest.timeoutMs === undefined ? undefined : `at most ${manifest.timeoutMs} ms`],
  ];
  const shown = rows.filter(([, value]) => value !== undefined);
  output.printTable([
    { title: "", value: ([name]) => name, color: (text, style) => style.cyan(text) },
    { title: library.name, value: ([, value]) => value },
  ], shown);
}
