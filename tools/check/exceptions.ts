/**
 * Places that may break a rule, each with its reason. There are ten at most, and each is needed.
 *
 * @module
 */

/** A place that may break a rule. */
export interface Exception {
  /** Name of the rule. */
  readonly rule: string;
  /** Path of the file or folder. */
  readonly path: string;
  readonly reason: string;
}

/** Exceptions at most. */
export const MAX_EXCEPTIONS = 10;

/** All exceptions. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    rule: "sizes",
    path: "sdk/operations",
    reason: "one file for each operation: a person finds `distinct` in distinct.ts",
  },
  {
    rule: "sizes",
    path: "isolate/sandbox/steps",
    reason: "one file for each step, named like its operation",
  },
  {
    rule: "sizes",
    path: "sdk/gears_builder.ts",
    reason: "the public class of the SDK: one method for each operation, with its documentation",
  },
  {
    rule: "sizes",
    path: "runtime/execution/execution.ts",
    reason: "the record of an execution: replies read its fields, three parts of the runtime write",
  },
  {
    rule: "doubled-names",
    path: "mod.ts",
    reason: "the entry of the package, as `deno.json` and every Deno package name it",
  },
  {
    rule: "doubled-names",
    path: "sdk/mod.ts",
    reason: "the module that authors import as `pinion`",
  },
  ...["isolate/sandbox/entry.ts", "isolate/child/child_main.ts"].map((path) => ({
    rule: "parsed-data",
    path,
    reason: "the runtime is trusted: its schemas would double the code that every isolate loads",
  })),
  {
    rule: "parsed-data",
    path: "isolate/sandbox/top_level/top_level.ts",
    reason: "a recording is only read by the sandbox that its own code may change anyway",
  },
];
