/**
 * `limits`: what functions and clients of a runtime may use.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { formatLimit, LimitRow } from "../../contract/api/limit_row.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";
import type { Column } from "../ui/text_table.ts";

const COLUMNS: readonly Column<z.output<typeof LimitRow>>[] = [
  { title: "limit", value: (row) => row.name, color: (text, style) => style.cyan(text) },
  { title: "value", value: formatLimit, align: "right" },
  { title: "of what", value: (row) => row.what },
  { title: "where it is set", value: (row) => row.setBy.join(", ") },
];

/** The command `limits`. */
export const limits: Command = defineCommand({
  name: "limits",
  summary: "what functions and clients may use, and where that is set",
  details:
    "`limits.…` and `isolates.…` go into the file of `start --config`. An error that says a " +
    "limit was reached names it as it is called here.",
  remote: true,
  examples: [
    [`${PROGRAM} limits`, "all limits of the runtime"],
    [`${PROGRAM} limits --json | jq 'map({(.name): .value}) | add'`, "in a script"],
  ],
  input: RemoteInput,
  action: () => "show the limits",
  run: (input, { signal }) => new Client(input).get(z.array(LimitRow), "/v1/limits", { signal }),
  show: (rows, output) => output.printTable(COLUMNS, rows),
});
