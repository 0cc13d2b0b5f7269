/**
 * `dlq …`: events that registrations have given up.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { writeOutControls } from "../../contract/text/harmless_text.ts";
import {
  DeadLetter,
  DeadLetterQueue,
  DeadLetterReplay,
} from "../../contract/api/dead_letter_info.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";
import { countLetters, renderLetters } from "./letter_view.ts";

/** Letters that are read at a time. */
const PAGE = 1_000;
const ARGUMENT = ["<registration>", "LIBRARY/NAME, as `dlq list` shows it"] as const;
const IDS = ["[ids...]", "of letters, as `dlq show` has them; none stands for all"] as const;

/** `LIBRARY/NAME`; the name may have slashes of its own. */
const QueuePath = z.string().transform((text, context) => {
  const [, library, name] = /^([^/]+)\/(.+)$/s.exec(text) ?? [];
  if (name !== undefined) {
    return `/v1/dlq/${encodeURIComponent(library)}/${encodeURIComponent(name)}`;
  }
  context.addIssue({ code: "custom", message: `expected LIBRARY/NAME, got ${text}` });
  return z.NEVER;
});
const OneQueue = RemoteInput.extend({ registration: QueuePath });
const SomeLetters = OneQueue.extend({ ids: z.array(z.string()).default([]) });

const list: Command = defineCommand({
  name: "dlq list",
  summary: "list the registrations that have given up events",
  remote: true,
  examples: [
    [`${PROGRAM} dlq list`, "how many each has"],
    [`${PROGRAM} dlq show webhook/orders`, "what they are, and why"],
  ],
  input: RemoteInput,
  action: () => "list the dead letters",
  run: (input, { signal }) =>
    new Client(input).get(z.array(DeadLetterQueue), "/v1/dlq", { signal }),
  show(queues, output): void {
    if (queues.length === 0) return output.hint("There are none: nothing was given up.");
    output.printTable([
      {
        title: "registration",
        value: ({ library, registration }) => `${library}/${registration}`,
        color: (text, style) => style.cyan(text),
      },
      { title: "letters", value: ({ letters }) => letters, align: "right" },
    ], queues);
  },
});

const show: Command = defineCommand({
  name: "dlq show",
  summary: "show the events that a registration has given up, oldest first",
  details: "Of long events and errors the beginning; --json has up to 16 KiB of each event.",
  args: [ARGUMENT],
  remote: true,
  examples: [
    [
      `${PROGRAM} dlq show webhook/orders`,
      "what they held, how often they were tried, why they failed",
    ],
    [`${PROGRAM} dlq show webhook/orders --json`, "all of them for a script"],
  ],
  input: OneQueue,
  action: () => "show the dead letters",
  run: (input, { signal }) => readAll(new Client(input), input.registration, signal),
  show(letters, output): void {
    output.printLines(renderLetters(letters, output));
    output.hint(countLetters(letters));
  },
});

const replay: Command = defineCommand({
  name: "dlq replay",
  summary: "run events that were given up once more",
  details: "What succeeds is a dead letter no more; what fails again stays one.",
  args: [ARGUMENT, IDS],
  remote: true,
  examples: [
    [`${PROGRAM} dlq replay webhook/orders`, "all of them, when the cause is mended"],
    [`${PROGRAM} dlq replay webhook/orders 1795286012345-0`, "one of them"],
  ],
  input: SomeLetters,
  action: () => "replay the dead letters",
  async run(input, { signal }): Promise<DeadLetterReplay> {
    const client = new Client(input);
    const path = `${input.registration}/replay`;
    let replayed = 0;
    const failed: DeadLetterReplay["failed"][number][] = [];
    for (const id of input.ids.length === 0 ? [undefined] : input.ids) {
      const request = { method: "POST", query: { id }, signal } as const;
      const outcome = await client.get(DeadLetterReplay, path, request);
      replayed += outcome.replayed;
      failed.push(...outcome.failed);
    }
    return { replayed, failed };
  },
  show({ replayed, failed }, output): void {
    output.print(`replayed\t${replayed}\tfailed\t${failed.length}`);
    output.noteLines(failed.map(({ id, error }) => writeOutControls(`${id}: ${error}`)));
  },
  exitCode: ({ failed }) => failed.length > 0 ? 1 : 0,
});

const drop: Command = defineCommand({
  name: "dlq drop",
  summary: "forget events that were given up",
  args: [ARGUMENT, IDS],
  options: [["--all", "all of them"]],
  remote: true,
  examples: [
    [`${PROGRAM} dlq drop webhook/orders 1795286012345-0`, "one of them"],
    [`${PROGRAM} dlq drop webhook/orders --all`, "all of them"],
  ],
  input: SomeLetters.extend({ all: z.boolean().default(false) }),
  action: () => "drop the dead letters",
  async run(input, { signal }): Promise<{ dropped: number }> {
    if ((input.ids.length === 0) !== input.all) {
      throw new PinionError("BAD_ARGUMENT", "Name the letters, or give --all: nothing was dropped");
    }
    const client = new Client(input);
    let count = 0;
    for (const id of input.all ? [undefined] : input.ids) {
      const request = { method: "DELETE", query: { id }, signal } as const;
      count +=
        (await client.get(z.object({ dropped: z.int() }), input.registration, request)).dropped;
    }
    return { dropped: count };
  },
  show: ({ dropped }, output) => output.print(`dropped\t${dropped}`),
});

/** The commands `dlq …`. */
export const dlq: readonly Command[] = [list, show, replay, drop];

async function readAll(
  client: Client,
  path: string,
  signal: AbortSignal,
): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  while (true) {
    const query = { after: letters.at(-1)?.id, count: PAGE };
    const page = await client.get(z.array(DeadLetter), path, { query, signal });
    letters.push(...page);
    if (page.length < PAGE) return letters;
  }
}
