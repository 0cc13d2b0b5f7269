/**
 * Services that the SDK uses. The sandbox installs an implementation before it loads an author's
 * module; anywhere else the functions of the SDK say so.
 *
 * @module
 */

import { PROGRAM, TASK } from "../contract/text/program_name.ts";
import type { CompiledPlan } from "./compile.ts";
import type { CompiledRegistration } from "./compile_registration.ts";
import { GearsError } from "./base/gears_error.ts";

/** An argument of a Redis command; everything but bytes is sent as text. */
export type CommandArgument = string | number | bigint | boolean | Uint8Array;

/** A reply of Redis (RESP2): text where the bytes are UTF-8, else bytes. */
// deno-lint-ignore no-explicit-any
export type Reply = any;

/** Severity of a log line, as in Redis. */
export type LogLevel = "debug" | "verbose" | "notice" | "warning";

/** The result of `run()`. Records that failed are in `errors`; the rest went on. */
export interface RunResult<T> {
  /** Records of the last operation. */
  readonly results: T[];
  /** One line for each record that failed, at most 1,000 and one that counts the rest. */
  readonly errors: string[];
}

/** The commands of one `atomic` block. */
export interface Transaction {
  /** Queues a command; its reply is at the same place in what `atomic` resolves to. */
  execute(command: string, ...args: CommandArgument[]): void;
}

/** The commands of a {@linkcode Transaction}. */
export type TransactionBody = (transaction: Transaction) => void | Promise<void>;

/** The place that the SDK runs in. */
export interface SdkHost {
  execute(command: string, args: readonly CommandArgument[]): Promise<Reply>;
  atomic(keys: readonly string[], body: TransactionBody): Promise<Reply[]>;
  run(compiled: CompiledPlan): Promise<RunResult<unknown>>;
  register(compiled: CompiledRegistration): Promise<string>;
  log(level: LogLevel, message: string): void;
  hashtag(): string;
  configGet(key: string): string | undefined;
  env(): Readonly<Record<string, string>>;
}

let installed: SdkHost | undefined;

/** Makes `host` the place that the SDK runs in; only the first call counts. */
export function installHost(host: SdkHost): void {
  installed ??= host;
}

/** @throws GearsError outside of Pinion */
export function getHost(): SdkHost {
  if (installed === undefined) {
    throw new GearsError(
      `This function works only where Pinion runs it: send the file with \`${TASK} deploy\` or \`${PROGRAM} run\``,
    );
  }
  return installed;
}
