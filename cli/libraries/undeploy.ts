/**
 * `undeploy`: removes a library with all its versions.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { LibraryName } from "../../contract/api/library_info.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";

/** The command `undeploy`. */
export const undeploy: Command = defineCommand({
  name: "undeploy",
  summary: "remove a library with all its versions",
  args: [["<library>", "its name"]],
  remote: true,
  examples: [
    [`${PROGRAM} undeploy http_function`, "remove it; calls that run are ended"],
    [`${PROGRAM} libraries`, "see what is left"],
  ],
  input: RemoteInput.extend({ library: LibraryName }),
  action: ({ library }) => `undeploy ${library}`,
  async run(input, { signal }): Promise<{ undeployed: string }> {
    await new Client(input).get(z.unknown(), `/v1/libraries/${input.library}`, {
      method: "DELETE",
      signal,
    });
    return { undeployed: input.library };
  },
  show: ({ undeployed }, output) =>
    output.print(
      output.interactive
        ? `${output.style.green("✔")} ${undeployed} is gone`
        : `${undeployed}\tundeployed`,
    ),
});
