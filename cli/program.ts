/**
 * The command line: made of the table of commands, parsed by commander.
 *
 * @module
 */

import { PROGRAM, TASK } from "../contract/text/program_name.ts";
import { Command as Commander, CommanderError, Option } from "commander";
import { ERROR_KINDS } from "../errors.ts";
import { DEFAULT_URL } from "./base/client.ts";
import type { Command } from "./base/cli_command.ts";
import { COMMANDS, GROUPS } from "./cli_commands.ts";
import type { Style } from "./ui/style.ts";

/** The command line as it was parsed. */
export type Request =
  | { readonly kind: "run"; readonly command: Command; readonly input: Record<string, unknown> }
  /** Nothing is left to do: help was printed, or the usage was wrong and that was said. */
  | { readonly kind: "over"; readonly exitCode: number };

const MAX_HELP_COLUMNS = 100;
const USAGE_EXIT = ERROR_KINDS.BAD_ARGUMENT.exit;

const ABOUT = `Pinion: TypeScript functions next to the data of Redis and Valkey.

start, deploy and demo are tasks of their own too: \`${TASK} start\` is \`${PROGRAM} start\`.`;

const FIRST_STEPS = [
  [`${TASK} demo`, "see everything on real data, from nothing"],
  [`${TASK} start`, "start a runtime with a Redis of its own"],
  [`${PROGRAM} run examples/word_count.ts`, "run a function over the data"],
  [`${PROGRAM} doctor`, "find out why something does not work"],
] as const;

/** Look of the program where it writes by itself. */
export interface ProgramLook {
  readonly style: Style;
  readonly errorStyle: Style;
  readonly columns: number;
  /** True if complaints are JSON. */
  readonly json: boolean;
}

/** Reads the command line. Help and complaints about usage are written at once. */
export async function parseCommandLine(
  args: readonly string[],
  look: ProgramLook,
): Promise<Request> {
  let request: Request = { kind: "over", exitCode: 0 };
  const program = createProgram(look, (found) => request = found);
  try {
    await program.parseAsync(args.length === 0 ? ["--help"] : [...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "over", exitCode: error.exitCode === 0 ? 0 : USAGE_EXIT };
  }
  return request;
}

function createProgram(look: ProgramLook, found: (request: Request) => void): Commander {
  const program = new Commander(PROGRAM).description(ABOUT);
  configure(program, look);
  program.addHelpText("after", examplesText(FIRST_STEPS, look.style));
  const groups = new Map<string, Commander>();
  for (const command of COMMANDS) {
    const [first, second] = command.name.split(" ");
    if (second === undefined) {
      addCommand(program.command(first), command, look, found);
      continue;
    }
    const group = groups.get(first) ?? createGroup(program, first, look);
    groups.set(first, group);
    addCommand(group.command(second, { isDefault: second === "list" }), command, look, found);
  }
  return program;
}

function createGroup(program: Commander, name: string, look: ProgramLook): Commander {
  const summary = GROUPS[name];
  const group = program.command(name).summary(summary).description(sentence(summary));
  configure(group, look);
  const examples = COMMANDS.filter((command) => command.name.startsWith(`${name} `))
    .map((command) => command.examples[0]);
  group.addHelpText("after", examplesText(examples, look.style));
  return group;
}

function addCommand(
  made: Commander,
  command: Command,
  look: ProgramLook,
  found: (request: Request) => void,
): void {
  made.summary(command.summary);
  made.description([sentence(command.summary), command.details].filter(Boolean).join("\n\n"));
  configure(made, look);
  for (const [argument, about] of command.args) made.argument(argument, about);
  for (const [flags, about] of command.options) made.addOption(createOption(flags, about));
  if (command.remote) {
    made.addOption(
      new Option("--url <url>", "the runtime").env("PINION_URL").default(DEFAULT_URL),
    );
    made.addOption(new Option("--token <token>", "its token, if it has one").env("PINION_TOKEN"));
  }
  made.option("--json", "print one JSON document, for scripts");
  made.addHelpText("after", examplesText(command.examples, look.style));
  made.action((...given: unknown[]) => {
    const values = given.slice(0, command.args.length);
    const names = made.registeredArguments.map((argument) => camelCase(argument.name()));
    const positional = Object.fromEntries(names.map((word, index) => [word, values[index]]));
    found({ kind: "run", command, input: { ...made.opts(), ...positional } });
  });
}

/** An option; `...` in its flags means that it may be given more than once. */
function createOption(flags: string, about: string): Option {
  const option = new Option(flags.replace("...", ""), about);
  if (flags.includes("...")) {
    option.argParser((value: string, earlier: string[] | undefined) => [...earlier ?? [], value]);
  }
  return option;
}

function configure(command: Commander, look: ProgramLook): void {
  const { style, errorStyle, columns, json } = look;
  command.exitOverride();
  command.helpOption("-h, --help", "show this help");
  command.helpCommand(false);
  command.configureHelp({
    helpWidth: Math.min(columns, MAX_HELP_COLUMNS),
    subcommandTerm: (found) => found.name(),
    styleTitle: (text) => style.bold(text),
    styleCommandText: (text) => style.cyan(text),
    styleSubcommandText: (text) => style.cyan(text),
    styleOptionText: (text) => style.cyan(text),
    styleArgumentText: (text) => style.cyan(text),
  });
  command.configureOutput({
    getOutHasColors: () => style.isColorSupported,
    getErrHasColors: () => errorStyle.isColorSupported,
    outputError(text, write) {
      const message = text.replace(/^error: /, "").trim();
      if (json) return write(`${JSON.stringify({ error: { code: "BAD_ARGUMENT", message } })}\n`);
      const advice = `${errorStyle.cyan("do")}    ${helpAdvice(command)}`;
      write(`${errorStyle.red("✖")} ${message}\n  ${advice}\n`);
    },
  });
}

function helpAdvice(command: Commander): string {
  const words: string[] = [];
  for (let at: Commander | null = command; at !== null; at = at.parent) words.unshift(at.name());
  return `\`${words.join(" ")} --help\` shows how it is used`;
}

function examplesText(examples: Command["examples"], style: Style): string {
  const lines = examples.map(([line, about]) => `  ${style.dim(`# ${about}`)}\n  ${line}`);
  return `\n${style.bold("Examples:")}\n${lines.join("\n")}`;
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());
}

/** A summary as a sentence. */
function sentence(summary: string): string {
  return `${summary[0].toUpperCase()}${summary.slice(1)}.`;
}
