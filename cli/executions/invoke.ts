/**
 * `invoke`: calls an export of a library.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { LibraryName } from "../../contract/api/library_info.ts";
import { resolveFile } from "../bundle/resolve_file.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";
import { readStdin } from "../base/input.ts";
import { renderErrors, renderResults, renderValue } from "../ui/value.ts";

/** Different errors that are shown. */
const SHOWN_ERRORS = 10;

/** Results of a GearsBuilder. */
const BatchAnswer = z.strictObject({
  executionId: z.string(),
  results: z.array(z.unknown()),
  errors: z.array(z.string()),
});

/** The command `invoke`. */
export const invoke: Command = defineCommand({
  name: "invoke",
  summary: "call an export of a library",
  details: "A function gets the body as its input; a GearsBuilder runs as a batch, and the body " +
    'may say what it reads: \'"text:*"\' or \'{"arg":"text:*"}\'.',
  args: [
    ["<library>", "its name"],
    ["<export>", "name of a function or a GearsBuilder that it exports"],
    ["[body]", "JSON, @FILE to read it from a file, or - to read it from stdin"],
  ],
  remote: true,
  examples: [
    [`${PROGRAM} invoke http_function greet '{"name":"Ada"}'`, "call a function"],
    [`${PROGRAM} invoke http_function visits`, "run a batch job that is deployed"],
    [`${PROGRAM} invoke shop order @order.json`, "take the input from a file"],
  ],
  input: RemoteInput.extend({
    library: LibraryName,
    export: z.string(),
    body: z.string().optional(),
  }),
  action: (input) => `invoke ${input.library}.${input.export}`,
  async run(input, { signal }): Promise<unknown> {
    const text = await readBody(input.body);
    const path = `/invoke/${input.library}/${encodeURIComponent(input.export)}`;
    return await new Client(input).get(z.unknown(), path, {
      method: "POST",
      body: text === undefined ? undefined : { text, type: "application/json" },
      signal,
    });
  },
  show(answer, output): void {
    const batch = BatchAnswer.safeParse(answer);
    if (!output.interactive || !batch.success) return output.print(renderValue(answer, output));
    output.printLines(renderResults(batch.data.results, output));
    output.noteLines(renderErrors(batch.data.errors, SHOWN_ERRORS, output.errorStyle));
  },
});

/** The JSON text that `given` stands for. @throws `BAD_ARGUMENT` if it is no JSON */
async function readBody(given: string | undefined): Promise<string | undefined> {
  if (given === undefined) return undefined;
  const text = given === "-"
    ? await readStdin()
    : given.startsWith("@")
    ? await readFile(given.slice(1))
    : given;
  try {
    JSON.parse(text);
    return text;
  } catch (cause) {
    throw new PinionError(
      "BAD_ARGUMENT",
      `The body is no JSON (${(cause as Error).message}); text needs quotes of its own: '"text"'`,
      { cause },
    );
  }
}

async function readFile(path: string): Promise<string> {
  return await Deno.readTextFile(await resolveFile(path)).catch((cause) => {
    throw new PinionError("NOT_FOUND", `The file ${path} cannot be read`, { cause });
  });
}
