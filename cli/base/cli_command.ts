/**
 * What a sub-command is: a row of words for its help, a schema for its input, a function that does
 * the work and one that shows what came of it.
 *
 * `program.ts` makes the command line of the rows; what is typed on it passes the schema and is not
 * checked again.
 *
 * @module
 */

import type { z } from "zod";
import { PinionError } from "../../errors.ts";
import type { Output } from "../ui/output.ts";

/** What a command has around it. */
export interface CommandContext {
  readonly output: Output;
  /** Aborted by the first Ctrl-C (and by SIGTERM); a second one ends the process. */
  readonly signal: AbortSignal;
  /**
   * Texts of scripts that are in no file, by the name that errors give them. A command that sends
   * one puts it here, so that an error can show the line.
   */
  readonly sources: Map<string, string>;
}

/** A sub-command as it is written down. `I` is its input, `D` what it finds. */
export interface CommandSpec<S extends z.ZodType, D> {
  /** `deploy`, or `executions list` for a command of a group. */
  readonly name: string;
  /** One line, without a period at the end. */
  readonly summary: string;
  /** Further lines of the help. */
  readonly details?: string;
  /** Positional arguments as commander writes them (`<file...>`), each with its meaning. */
  readonly args?: readonly (readonly [name: string, about: string])[];
  /** Options as commander writes them (`--name <name>`), each with its meaning. */
  readonly options?: readonly (readonly [flags: string, about: string])[];
  /** Whether it talks to a runtime, so that it takes `--url` and `--token`. */
  readonly remote?: boolean;
  /** Commands that work as they are, each with what it does. */
  readonly examples: readonly (readonly [command: string, about: string])[];
  /** Arguments and options by their names in camel case. */
  readonly input: S;
  /** What error reports call it: `Cannot <action>`. */
  readonly action: (input: z.output<S>) => string;
  readonly run: (input: z.output<S>, context: CommandContext) => Promise<D>;
  /** Shows what was found, where `--json` does not ask for the data itself. */
  readonly show?: (data: D, output: Output, input: z.output<S>) => void;
  /** Exit code where the work was done but its outcome is not good. Default 0. */
  readonly exitCode?: (data: D) => number;
}

/** A sub-command as the program uses it: {@linkcode CommandSpec} without its types. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly details?: string;
  readonly args: readonly (readonly [name: string, about: string])[];
  readonly options: readonly (readonly [flags: string, about: string])[];
  readonly remote: boolean;
  readonly examples: readonly (readonly [command: string, about: string])[];
  /** Checks the input. @throws `BAD_ARGUMENT` */
  prepare(input: unknown): PreparedCommand;
}

/** A command with its input. */
export interface PreparedCommand {
  readonly action: string;
  /** Does the work, shows the outcome and gives the exit code. */
  run(context: CommandContext): Promise<number>;
}

/** The command of a spec. */
export function defineCommand<S extends z.ZodType, D>(spec: CommandSpec<S, D>): Command {
  return {
    name: spec.name,
    summary: spec.summary,
    details: spec.details,
    args: spec.args ?? [],
    options: spec.options ?? [],
    remote: spec.remote ?? false,
    examples: spec.examples,
    prepare(given) {
      const input = parseInput(spec, given);
      return {
        action: spec.action(input),
        async run(context) {
          const data = await spec.run(input, context);
          if (data !== undefined && context.output.json) context.output.printJson(data);
          if (!context.output.json) spec.show?.(data, context.output, input);
          return spec.exitCode?.(data) ?? 0;
        },
      };
    },
  };
}

/** `--memory-mb` of `memoryMb`, or `<registration>` where that is a positional argument. */
function inputName(path: PropertyKey, args: CommandSpec<z.ZodType, unknown>["args"] = []): string {
  const word = String(path).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const argument = args.find(([name]) => name.replaceAll(/[<>.[\]]/g, "") === word);
  return argument?.[0] ?? `--${word}`;
}

function parseInput<S extends z.ZodType>(
  { input, args }: Pick<CommandSpec<S, unknown>, "input" | "args">,
  given: unknown,
): z.output<S> {
  const parsed = input.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue.path.length > 0 ? `${inputName(issue.path[0], args)}: ` : "";
  throw new PinionError("BAD_ARGUMENT", `${place}${issue.message}`);
}
