/**
 * `resume`: lifts the quarantine of a library whose isolate kept dying.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { LibraryName, LibrarySummary } from "../../contract/api/library_info.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";

/** The command `resume`. */
export const resume: Command = defineCommand({
  name: "resume",
  summary: "lift the quarantine of a library that kept dying",
  details: "A library whose isolate dies again and again is started less and less often, and in " +
    "the end not at all; `libraries` shows why. An upgrade lifts that, too.",
  args: [["<library>", "its name"]],
  remote: true,
  examples: [
    [`${PROGRAM} libraries`, "see which library is in quarantine, and why"],
    [`${PROGRAM} resume http_function`, "let it try again"],
  ],
  input: RemoteInput.extend({ library: LibraryName }),
  action: ({ library }) => `resume ${library}`,
  run: (input, { signal }): Promise<LibrarySummary> =>
    new Client(input).get(LibrarySummary, `/v1/libraries/${input.library}/resume`, {
      method: "POST",
      signal,
    }),
  show: ({ name, state }, output) =>
    output.print(
      output.interactive
        ? `${output.style.green("✔")} ${name} may run again`
        : `${name}\tresumed\t${state}`,
    ),
});
