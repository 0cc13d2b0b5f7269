/**
 * `versions`: the versions of a library that are kept.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { LibraryInfo, LibraryName, type LibraryVersion } from "../../contract/api/library_info.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";
import { formatBytes, formatTime } from "../ui/format.ts";

/** The command `versions`. */
export const versions: Command = defineCommand({
  name: "versions",
  summary: "list the versions of a library that are kept",
  args: [["<library>", "its name"]],
  remote: true,
  examples: [
    [`${PROGRAM} versions http_function`, "list them, newest first"],
    [`${PROGRAM} rollback http_function`, "make the one before the current one current"],
  ],
  input: RemoteInput.extend({ library: LibraryName }),
  action: ({ library }) => `list the versions of ${library}`,
  async run(input, { signal }): Promise<LibraryVersion[]> {
    const path = `/v1/libraries/${input.library}`;
    const { versions } = await new Client(input).get(LibraryInfo, path, { signal });
    return versions.toSorted((a, b) => b.version - a.version);
  },
  show: (found, output) =>
    output.printTable([
      {
        title: "version",
        value: (row) => row.version,
        align: "right",
        color: (text, style, row) => row.current ? style.green(text) : text,
      },
      { title: "current", value: (row) => row.current ? "yes" : "" },
      { title: "deployed", value: (row) => formatTime(row.deployedAt) },
      { title: "size", value: (row) => formatBytes(row.bytes), align: "right" },
      { title: "hash", value: (row) => row.hash.slice(0, 12) },
    ], found),
});
