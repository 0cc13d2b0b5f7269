/**
 * Reads of a script's top level from outside of it: the clock, random numbers, Redis, the config.
 *
 * On the shard that a script was sent to, `recorder.ts` writes down what comes; on the other shards
 * `replayer.ts` gives the same again. So closures hold the same values everywhere, and what the top
 * level does to Redis is done once.
 *
 * @module
 */

import { shortenText } from "../../../sdk/base/short_text.ts";

/** Stands between the top level and everything outside. */
export interface OutsideSource {
  /** Reads something that is there at once; `what` names it in errors. */
  read<T>(what: string, live: () => T): T;
  /** Asks for something that is answered later. */
  call<T>(what: string, live: () => Promise<T>): Promise<T>;
  /** Makes a call that takes place at every load, and has the same answer. */
  repeat<T>(what: string, live: () => Promise<T>): Promise<T>;
  /** Makes a call that calls back, once for each of its attempts. */
  callWithBody<T>(
    what: string,
    body: BodyCall,
    live: (body: BodyCall) => Promise<T>,
  ): Promise<T>;
  /** Notes that something was done whose outcome cannot be given again. */
  spoil(what: string): void;
}

/** The part of it that stands between the top level and what its language has of the outside. */
export type OutsideReads = Pick<OutsideSource, "read" | "spoil">;

/** A function that a call calls back; its argument is the call's own. */
// deno-lint-ignore no-explicit-any
export type BodyCall = (argument: any) => void | Promise<void>;

/**
 * An event of a recording, in the order in which they happened.
 *
 * ```text
 * ["read", what, values]                  values read one after the other
 * ["call", what]                          calls are numbered in this order
 * ["answer", call, value, attempts]       also after the run: its promise may be in a closure
 * ["failure", call, name, message, attempts]
 * ["run"]                                 the top level called run()
 * ```
 */
export type OutsideEvent =
  | readonly ["read", what: string, values: unknown[]]
  | readonly ["call", what: string]
  | readonly ["answer", call: number, value: unknown, attempts: number]
  | readonly ["failure", call: number, name: string, message: string, attempts: number]
  | readonly ["run"];

/** Longest text that names a call, in characters. */
const MAX_TEXT = 256;

/** A command as a recording names it: different commands have different names. */
export function nameCommand(command: string, args: readonly unknown[]): string {
  return shortenText(`execute ${[command, ...args].map(String).join(" ")}`, MAX_TEXT);
}
