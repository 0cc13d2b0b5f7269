/**
 * An author's error as text and as data: with the author's own places, never ours.
 *
 * @module
 */

import { PROGRAM } from "../../../../contract/text/program_name.ts";
import type { ErrorCode, ErrorData, SourceLocation } from "../../../../errors.ts";
import { FlatError, PlanError } from "../../../../sdk/base/gears_error.ts";
import { REMOVED } from "./globals.ts";

/** Longest message and stack that leave the sandbox, in characters. */
const MAX_TEXT = 8_192;
/** Errors whose message says it all: ours, and those of Redis. */
const SPEAKING: ReadonlySet<string> = new Set(["GearsError", "PinionError", "RedisError"]);
/** Names that people try besides those that were removed. */
const NEVER_THERE = ["Buffer", "require", "XMLHttpRequest", "indexedDB", "window", "document"];
const MODULE_PLACE = /blob:null\/[0-9a-f-]+:(\d+):(\d+)/;
/** A module that awaits at its top level: the engine does not know where. */
const UNKNOWN_PLACE = /^at async blob:null\/[0-9a-f-]+:1:1$/;
/** Names that exist in Deno, Node or a browser, and not here. */
const MISSING = new RegExp(
  `^(?:ReferenceError: )?(?:${[...REMOVED, ...NEVER_THERE].join("|")}) is not defined$`,
);
const MODULE_URL = /blob:null\/[0-9a-f-]+/g;

/**
 * Errors whose place another one knows. Their own stack stays as it is: Deno replaces errors with a
 * changed one when they leave a module.
 */
const sites = new WeakMap<Error, Error>();

let fileName = "script.ts";

/** Sets the name that the author's module has in errors. */
export function nameModule(name: string): void {
  fileName = name;
}

/**
 * One line for the errors of an execution: `TypeError: x is not a function (script.ts:3:7)`.
 *
 * Source: reference 4.6. Differs: no traceback; a FlatError is its message and nothing else.
 */
export function describeError(error: unknown): string {
  const { message, location } = toErrorData(error, "FUNCTION_FAILED");
  if (location === undefined) return message;
  return `${message} (${location.file}:${location.line}:${location.column})`;
}

/** The error as data. Location and stack hold frames of the author's module only. Never throws. */
export function toErrorData(error: unknown, code: ErrorCode): ErrorData {
  try {
    return explain(error, code);
  } catch {
    return { code, message: "an error that cannot be shown" };
  }
}

function explain(error: unknown, code: ErrorCode): ErrorData {
  if (error instanceof FlatError) return { code, message: cut(toText(error.message)) };
  const isError = error instanceof Error;
  const name = isError ? toText(error.name) || "Error" : "";
  const message = isError ? toText(error.message) : `thrown: ${toText(error)}`;
  const stack = isError ? listAuthorFrames(toText((sites.get(error) ?? error).stack)) : [];
  const location = locate(stack[0] ?? "") ?? locate(message);
  return {
    code,
    message: cut(tidy(SPEAKING.has(name) ? message : joinName(name, message))),
    ...(location && { location }),
    ...(stack.length > 0 && { stack: cut(stack.map(nameFrames).join("\n")) }),
  };
}

function joinName(name: string, message: string): string {
  return name === "" || message === "" ? name || message : `${name}: ${message}`;
}

/** Finds the place of the author's code that is running now. */
export function findAuthorPlace(): SourceLocation | undefined {
  return locate(listAuthorFrames(toText(new Error().stack))[0] ?? "");
}

/** Gives a failure of `promise` the place of this call, which V8 forgets at the top level. */
export function keepPlace<T>(promise: Promise<T>): Promise<T> {
  const site = new Error();
  return promise.catch((error) => {
    if (error instanceof Error) sites.set(error, site);
    throw error;
  });
}

/** An error that the loader of modules raised: syntax, import, or a throw at the top level. */
export function toLoadError(error: unknown): ErrorData {
  const message = error instanceof Error ? toText(error.message) : "";
  if (/^SyntaxError: |^Expected |^The module's source code could not be parsed/.test(message)) {
    return toSyntaxError(message);
  }
  if (error instanceof SyntaxError && listAuthorFrames(toText(error.stack)).length <= 1) {
    const data = toErrorData(error, "SCRIPT_SYNTAX");
    return { ...data, message: data.message.split("\n")[0] };
  }
  const specifier = findRefusedImport(message);
  if (error instanceof TypeError && specifier !== undefined) {
    const location = locate(message);
    return {
      code: "BAD_IMPORT",
      message: `Cannot import ${specifier}: only "pinion" may be imported here; ` +
        `send scripts with packages by \`${PROGRAM} run FILE\`, which bundles them`,
      ...(location && { location }),
    };
  }
  return toErrorData(error, error instanceof PlanError ? "BAD_PLAN" : "SCRIPT_FAILED");
}

function toSyntaxError(message: string): ErrorData {
  const location = locate(message);
  const cause = message.replace(/^SyntaxError: /, "").split("\n")[0];
  return {
    code: "SCRIPT_SYNTAX",
    message: `SyntaxError: ${tidy(cause)}`,
    ...(location && { location }),
  };
}

/** The specifier of an import that the isolate does not allow, in quotes. */
function findRefusedImport(message: string): string | undefined {
  if (/npm specifiers were requested|--no-npm/.test(message)) return "an npm: package";
  const access = /^Requires (?:import|read|net) access to "([^"]*)"/.exec(message);
  if (access) return message.includes("blob:null") ? "a file or an address" : undefined;
  const bare = /(?:Relative import path|Import|Module not found|Unsupported scheme)\s*"([^"]*)"/
    .exec(message);
  if (bare && /not prefixed|not a dependency|Unsupported|not found/.test(message)) {
    return `"${bare[1].replace(MODULE_URL, "")}"`;
  }
  return undefined;
}

function listAuthorFrames(stack: string): string[] {
  return stack.split("\n").map((line) => line.trim())
    .filter((line) =>
      line.startsWith("at ") && MODULE_PLACE.test(line) && !UNKNOWN_PLACE.test(line)
    );
}

function locate(frame: string): SourceLocation | undefined {
  const match = MODULE_PLACE.exec(frame);
  return match ? { file: fileName, line: Number(match[1]), column: Number(match[2]) } : undefined;
}

/** A frame with the author's module by its name. */
function nameFrames(frame: string): string {
  return frame.replace(MODULE_URL, fileName);
}

/** Text without addresses of modules: the author's by its name, ours left out. */
function tidy(value: string): string {
  return value.replace(/\s*at blob:null\/[0-9a-f-]+:\d+:\d+$/g, "")
    .replace(MODULE_URL, fileName)
    .replace(/file:\/\/\/\S+/g, "[runtime]")
    .replace(
      MISSING,
      "$&: functions run in a sandbox, with the SDK and the web's APIs that need no rights",
    )
    .replace(
      /Blocked by null entry for ""([^"]*)""/,
      'Cannot import "$1": only "pinion" may be imported here',
    )
    .replace(
      /(Requires net access to "([^"]*)"), run again with.*$/s,
      "$1: deploy with --allow-net $2",
    )
    .replace(/(Requires \w+ access)\b.*run again with.*$/s, "$1, which functions do not have");
}

function cut(value: string): string {
  return value.length <= MAX_TEXT ? value : `${value.slice(0, MAX_TEXT)}…`;
}

/** `String(value)` of something that may throw when it is asked. */
function toText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "a value that cannot be shown";
  }
}
