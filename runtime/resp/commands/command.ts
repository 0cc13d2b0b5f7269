/**
 * What a command of ours is: a row of the command table, and what its handler gets.
 *
 * @module
 */

import type { ErrorCode } from "../../../errors.ts";
import type { Engine } from "../../engine/engine.ts";
import type { OptionRow, ParsedOptions } from "./parse_options.ts";
import type { WriteReply } from "../replies/reply_writer.ts";
import type { CommandAccess } from "../proxy/rights_check.ts";

/** One call. */
export interface CommandCall {
  /** What the handler calls. */
  readonly engine: Engine;
  /** Arguments behind the name, options excluded, as text. */
  readonly args: readonly string[];
  /** Arguments behind the name as they came. */
  readonly rawArgs: readonly Uint8Array[];
  /** Options behind the arguments. */
  readonly options: ParsedOptions;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** Runs a command; what it throws becomes the error reply. */
export type CommandHandler = (call: CommandCall) => WriteReply | Promise<WriteReply>;

/** One row: parsing, arity errors, help and documentation derive from it. */
export interface CommandRow {
  /** In upper case. */
  readonly name: string;
  /** Other names of it, in upper case. */
  readonly aliases?: readonly string[];
  /** Arguments as help shows them, options excluded, such as `<id>`. */
  readonly usage?: string;
  /** Where there are options, all behind these arguments are options. */
  readonly minArgs: number;
  /** More are an error; without it they are ignored, as RedisGears does. */
  readonly maxArgs?: number;
  /** What may follow the arguments. */
  readonly options?: readonly OptionRow[];
  /** Text of the error for an unknown option. */
  readonly unknownOption?: (token: string) => string;
  /** What the client must have for it. */
  readonly access: CommandAccess;
  /** One line for help. */
  readonly summary: string;
  /** Version of this project that brought it. */
  readonly since: string;
  /** What it answers, for people. */
  readonly reply: string;
  /** Texts that RedisGears fixes for the codes of this command. */
  readonly errorTexts?: Readonly<Partial<Record<ErrorCode, string>>>;
  /** Runs it. */
  readonly handle: CommandHandler;
}

/** The status OK. */
export const REPLY_OK: WriteReply = (reply): void => reply.simple("OK");
