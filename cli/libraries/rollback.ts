/**
 * `rollback`: makes an older version of a library current again.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { LibraryName, LibrarySummary } from "../../contract/api/library_info.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";
import { wholeNumber } from "../base/input.ts";

/** The command `rollback`. */
export const rollback: Command = defineCommand({
  name: "rollback",
  summary: "make an older version of a library current again",
  args: [["<library>", "its name"]],
  options: [["--to <version>", "which one (default: the one before the current one)"]],
  remote: true,
  examples: [
    [`${PROGRAM} rollback http_function`, "go back by one version"],
    [`${PROGRAM} rollback http_function --to 3`, "go to version 3"],
  ],
  input: RemoteInput.extend({ library: LibraryName, to: wholeNumber({ min: 1 }).optional() }),
  action: ({ library, to }) => `roll ${library} back${to === undefined ? "" : ` to version ${to}`}`,
  run: (input, { signal }) =>
    new Client(input).get(LibrarySummary, `/v1/libraries/${input.library}/rollback`, {
      method: "POST",
      json: input.to === undefined ? {} : { version: input.to },
      signal,
    }),
  show: ({ name, version }, output) =>
    output.print(
      output.interactive
        ? `${output.style.green("✔")} ${name} is at v${version}`
        : `${name}\tv${version}`,
    ),
});
