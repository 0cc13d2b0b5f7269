/**
 * The interface of a language that authors write in.
 *
 * The rooms of the sandbox know an author's code by this interface alone: they call its functions,
 * run its plans and tell its errors. The author's code calls the SDK, whose host is installed
 * before a guest begins. A new language is a folder beside this file and a line in `entry.ts`; it
 * passes the suite `tests/suites/guest_suite.ts` first.
 *
 * ```text
 *  prepare ──► warmUp (perhaps) ──► watch (perhaps) ──► load ──► calls of exports and callbacks
 *                                      └── until the top level is over
 * ```
 *
 * @module
 */

import type { ErrorCode, ErrorData, SourceLocation } from "../../../errors.ts";
import type { CompiledPlan } from "../../../sdk/compile.ts";
import type { LogLevel } from "../../../sdk/host.ts";
import type { ModuleExport } from "../../../contract/isolate/messages/modules.ts";
import type { FuseSteps } from "../steps/step_runner.ts";
import type { OutsideReads } from "../top_level/outside_source.ts";

/** A language. One instance serves one sandbox, which loads one module. */
export interface Guest {
  /** Tells what the author's code threw. */
  readonly errors: GuestErrors;
  /**
   * Runs several steps of a stage at once. Absent where a call of a callback costs so little that
   * each step can call its own.
   */
  readonly fuse?: FuseSteps;
  /** Prepares the sandbox, before any code of an author is in it; what is printed goes to `log`. */
  prepare(log: GuestLog): Promise<void>;
  /** Loads a small module, so that the first one of an author finds the loader compiled. */
  warmUp(): Promise<void>;
  /**
   * Evaluates the author's module. Rejects with what the language or the module threw, which
   * `errors.toLoadData` explains; never throws.
   */
  load(source: GuestSource): Promise<GuestModule>;
  /**
   * Puts `source` between the top level and what the language has of clocks and random numbers: the
   * same reads are asked for, in the same order, each time that the same code is loaded.
   *
   * @returns Puts everything back that nobody else has replaced since.
   */
  watch(source: OutsideReads): () => void;
}

/** Takes a line for the log of the session. */
export type GuestLog = (level: LogLevel, message: string) => void;

/** An author's module as it was sent. */
export interface GuestSource {
  /** Name of the file in errors. */
  readonly fileName: string;
  /** A script has the names of the SDK as globals. */
  readonly kind: "script" | "library";
  readonly text: string;
}

/** A module that was loaded: its exports by name. */
export interface GuestModule {
  /** Exports that can be invoked, as the runtime lists them. */
  readonly exports: readonly ModuleExport[];
  readonly functions: ReadonlyMap<string, GuestFunction>;
  readonly builders: ReadonlyMap<string, CompileExport>;
  /** Answers HTTP requests; null where the module has no such export. */
  readonly fetch: GuestFetch | null;
}

/** An exported function: takes the JSON value of the request, and what it may know of its place. */
export type GuestFunction = (input: unknown, context: InvocationContext) => unknown;

/** An exported pipeline: gives its plan, with the author's functions. @throws GearsError */
export type CompileExport = (
  argument: unknown,
  options: Readonly<Record<string, unknown>>,
) => CompiledPlan;

/** An export that answers HTTP requests. */
export type GuestFetch = (
  request: Request,
  context: InvocationContext,
) => Response | Promise<Response>;

/** The second argument of an exported function. */
export interface InvocationContext {
  /** Name of the library. */
  readonly library: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Tells errors with the author's own places, and none of ours. No method throws. */
export interface GuestErrors {
  /**
   * Writes one line for the errors of an execution: `TypeError: x is not a function
   * (script.ts:3:7)`.
   */
  describe(error: unknown): string;
  /** Gives the error as data. Its location and stack name places of the author's module only. */
  toData(error: unknown, code: ErrorCode): ErrorData;
  /** Explains what `load` rejected with: syntax, an import, or a throw at the top level. */
  toLoadData(error: unknown): ErrorData;
  /** Finds the place in the author's module that is being run; undefined outside of it. */
  findPlace(): SourceLocation | undefined;
  /** Gives a failure of `promise` the place of this call, where the language would forget it. */
  keepPlace<T>(promise: Promise<T>): Promise<T>;
}
