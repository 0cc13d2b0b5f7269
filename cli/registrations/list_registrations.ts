/**
 * `registrations …`: what waits for events, and how it fares.
 *
 * @module
 */

import { PROGRAM } from "../../contract/text/program_name.ts";
import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { RegistrationInfo } from "../../contract/api/registration_info.ts";
import { Client, RemoteInput } from "../base/client.ts";
import { type Command, defineCommand } from "../base/cli_command.ts";
import {
  type ClusterRegistration,
  type FoundRegistrations,
  readRegistrations,
} from "./all_shards.ts";
import { nameOf, renderRegistrations, showRegistration } from "./registration_view.ts";
import { watch } from "../base/watch.ts";

const OneRegistration = RemoteInput.extend({ registration: z.string().min(1) });
type OneRegistration = z.output<typeof OneRegistration>;
const ARGUMENT = ["<registration>", "LIBRARY/NAME, a name that is there once, or an id"] as const;

const list: Command = defineCommand({
  name: "registrations list",
  summary: "list the registrations with their rates, failures and lag",
  details: "Figures are those of all shards since their runtimes started. `waiting` is what the " +
    "source knows to come; `lag` the time from the last event to the end of its execution.",
  options: [
    ["--watch", "look again every second until Ctrl-C, with rates"],
    ["--shard", "this runtime's shard only"],
  ],
  remote: true,
  examples: [
    [`${PROGRAM} registrations`, "all of them"],
    [`${PROGRAM} registrations --watch`, "how fast they run, second by second"],
    [`${PROGRAM} registrations --json | jq '.[].numFailures'`, "figures for a script"],
  ],
  input: RemoteInput.extend({
    watch: z.boolean().default(false),
    shard: z.boolean().default(false),
  }),
  action: () => "list the registrations",
  async run(input, context): Promise<readonly ClusterRegistration[] | undefined> {
    const { output, signal } = context;
    const read = (signal: AbortSignal) => readRegistrations(input, input.shard, signal);
    if (input.watch) {
      await watch<FoundRegistrations>({
        read,
        render: (found, before) => renderRegistrations(found, before, output),
      }, context);
      return undefined;
    }
    const found = await read(signal);
    if (!output.json) {
      const { interactive, columns, style } = output;
      output.printLines(renderRegistrations(found, undefined, { interactive, columns, style }));
    }
    return found.registrations;
  },
});

const show: Command = defineCommand({
  name: "registrations show",
  summary: "show all about one registration",
  args: [ARGUMENT],
  remote: true,
  examples: [
    [`${PROGRAM} registrations show audit_chain/audit-counts`, "one by its name"],
    [`${PROGRAM} registrations`, "see which there are"],
  ],
  input: OneRegistration,
  action: ({ registration }) => `show the registration ${registration}`,
  run: (input, { signal }) => find(input, signal),
  show: showRegistration,
});

const pause = changeCommand(
  "pause",
  "have a registration take nothing new until it is resumed",
  "paused",
);
const drain = changeCommand(
  "drain",
  "have a registration finish what it has taken, and take nothing new",
  "drains",
);
const resume = changeCommand(
  "resume",
  "have a registration go on, also where it had stopped by itself",
  "goes on",
);

const replay: Command = defineCommand({
  name: "registrations replay",
  summary: "have a registration read its streams again from a message or a time on",
  details: "On all shards, as far as the messages are still there (`trimStream: false`).",
  args: [ARGUMENT, ["<from>", "id of the first message, or a time such as 2026-11-21T18:00:00Z"]],
  remote: true,
  examples: [
    [`${PROGRAM} registrations replay audit_chain/audit-counts 0-0`, "all there is"],
    [`${PROGRAM} registrations replay webhook/orders 2026-11-21T18:00:00Z`, "from a time on"],
  ],
  input: OneRegistration.extend({ from: z.string().min(1) }),
  action: ({ registration }) => `replay the streams of ${registration}`,
  async run(input, { signal }): Promise<z.output<typeof RegistrationInfo>> {
    const { id } = await find(input, signal);
    const request = { method: "POST", json: { from: input.from }, signal } as const;
    return await new Client(input).get(RegistrationInfo, `${pathOf(id)}/replay`, request);
  },
  show: ({ library, name }, output) => output.print(`${library}/${name}\treads again`),
});

const remove: Command = defineCommand({
  name: "registrations remove",
  summary: "end a registration for good",
  details: "Its library stays, and so do its other registrations. A stream keeps its messages; " +
    "the registration's place in it is forgotten.",
  args: [ARGUMENT],
  options: [["--abort-pending", "without what it has not begun"]],
  remote: true,
  examples: [
    [`${PROGRAM} registrations remove audit_chain/audit-counts`, "end one of a library"],
    [`${PROGRAM} undeploy audit_chain`, "end all of a library, and the library"],
  ],
  input: OneRegistration.extend({ abortPending: z.boolean().default(false) }),
  action: ({ registration }) => `remove the registration ${registration}`,
  async run(input, { signal }): Promise<{ removed: string }> {
    const { id } = await find(input, signal);
    await new Client(input).get(z.null(), pathOf(id), {
      method: "DELETE",
      query: { abortPending: input.abortPending ? 1 : undefined },
      signal,
    });
    return { removed: id };
  },
  show: ({ removed }, output) => output.print(`${removed}\tremoved`),
});

/** The commands `registrations …`. */
export const registrations: readonly Command[] = [
  list,
  show,
  pause,
  drain,
  resume,
  replay,
  remove,
];

function changeCommand(verb: string, summary: string, done: string): Command {
  return defineCommand({
    name: `registrations ${verb}`,
    summary,
    args: [ARGUMENT],
    remote: true,
    examples: [
      [
        `${PROGRAM} registrations ${verb} audit_chain/audit-counts`,
        `${verb} it on all shards`,
      ],
      [`${PROGRAM} registrations --watch`, "see how it fares"],
    ],
    input: OneRegistration,
    action: ({ registration }) => `${verb} the registration ${registration}`,
    async run(input, { signal }): Promise<z.output<typeof RegistrationInfo>> {
      const { id } = await find(input, signal);
      const path = `${pathOf(id)}/${verb}`;
      return await new Client(input).get(RegistrationInfo, path, { method: "POST", signal });
    },
    show: ({ library, name }, output) => output.print(`${library}/${name}\t${done}`),
  });
}

function pathOf(id: string): string {
  return `/v1/registrations/${encodeURIComponent(id)}`;
}

/** The one that is meant. @throws `NO_REGISTRATION`, `BAD_ARGUMENT` where several may be */
async function find(input: OneRegistration, signal: AbortSignal): Promise<ClusterRegistration> {
  const { registration: wanted } = input;
  const { registrations: all } = await readRegistrations(input, false, signal);
  const found = [
    all.filter(({ id }) => id === wanted),
    all.filter((one) => nameOf(one) === wanted),
    all.filter(({ name }) => name === wanted),
  ].find((list) => list.length > 0) ?? [];
  if (found.length === 1) return found[0];
  if (found.length === 0) {
    throw new PinionError(
      "NO_REGISTRATION",
      `There is no registration ${wanted}; \`${PROGRAM} registrations\` lists them`,
    );
  }
  throw new PinionError(
    "BAD_ARGUMENT",
    `${found.length} registrations are called ${wanted}: ${found.map(nameOf).join(", ")}`,
  );
}
