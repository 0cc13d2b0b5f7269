/**
 * The arguments of `deno task mutate`.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** Arguments with their defaults. */
export interface MutateArguments {
  readonly seed: number;
  readonly count: number;
  readonly jobs: number;
  readonly maxTests: number;
  readonly faultSeconds: number;
  readonly caseSeconds: number;
  readonly isJson: boolean;
  readonly isList: boolean;
  readonly isHelp: boolean;
  /** The only kind to plant; all where it is undefined. */
  readonly kind: string | undefined;
  /** Files, folders and lines of files; everything where there are none. */
  readonly places: readonly FaultPlace[];
}

/** A file or folder, or one line of a file. */
export interface FaultPlace {
  readonly path: string;
  readonly line: number | null;
}

/** What `--help` prints. */
export const USAGE = `deno task mutate [options] [FILE, FILE:LINE or folder...]

  --seed S           which faults: the same seed and sources give the same (1)
  --count N          faults to plant (20)
  --jobs N           copies of the checkout that are tested at once (2)
  --tests N          test files for each fault at most (8)
  --seconds N        time for the tests of each fault (90)
  --case-seconds N   time of a case after which it hangs (30)
  --kind NAME        faults of this kind only
  --list             print the faults without running a test
  --json             a line of JSON for each fault and one that closes`;

const NUMBERS = { seed: 1, count: 20, jobs: 2, tests: 8, seconds: 90, "case-seconds": 30 } as const;

/** Reads arguments. @throws {TypeError} where one is unknown or no number */
export function readArguments(args: readonly string[]): MutateArguments {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{ seed: text, count: text, jobs: text, tests: text, seconds: text, "case-seconds": text },
      kind: text,
      ...{ json: flag, list: flag, help: flag },
    },
  });
  const number = (name: keyof typeof NUMBERS) => readNumber(name, values[name]);
  return {
    seed: number("seed"),
    count: number("count"),
    jobs: number("jobs"),
    maxTests: number("tests"),
    faultSeconds: number("seconds"),
    caseSeconds: number("case-seconds"),
    isJson: values.json,
    isList: values.list,
    isHelp: values.help,
    kind: values.kind,
    places: positionals.map(readPlace),
  };
}

function readPlace(given: string): FaultPlace {
  const [, path, line] = /^(?:\.\/)?(.*?)\/?(?::(\d+))?$/.exec(given)!;
  return { path, line: line === undefined ? null : Number(line) };
}

function readNumber(name: keyof typeof NUMBERS, given: string | undefined): number {
  if (given === undefined) return NUMBERS[name];
  const number = Number(given);
  if (/^\d+$/.test(given) && Number.isSafeInteger(number) && (number > 0 || name === "seed")) {
    return number;
  }
  throw new TypeError(`Cannot set --${name}: expected a whole number above 0, got ${given}`);
}
