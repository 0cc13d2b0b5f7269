/**
 * Commands that `execute` refuses because they would harm the connection that all code of a session
 * shares.
 *
 * Code that goes around this harms its own session only: the connection is its own, and what it may
 * do to Redis is up to the rights of its Redis user.
 *
 * @module
 */

import { uncurryThis } from "../../../redis/intrinsics.ts";

const toUpperCase = uncurryThis(String.prototype.toUpperCase);
const lookUp = uncurryThis(Map.prototype.get) as <K, V>(map: ReadonlyMap<K, V>, key: K) => V;
const includes = uncurryThis(Set.prototype.has) as <T>(set: ReadonlySet<T>, value: T) => boolean;
const textDecoder = new TextDecoder();
const decode = textDecoder.decode.bind(textDecoder);
const Bytes = Uint8Array;
const toText = String;

const SUBSCRIBE = "a session receives no messages; register a function on the event instead";
const BLOCKS = "it would hold up every other command of the session; poll, or use StreamReader";
const TRANSACTION = "use atomic()";
const CONNECTION = "the connection belongs to the session, not to one function";

/** Command names in upper case and why they are refused. */
export const FORBIDDEN_COMMANDS: ReadonlyMap<string, string> = new Map([
  ...["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE"]
    .map((name) => [name, SUBSCRIBE] as const),
  ...["MONITOR", "SYNC", "PSYNC", "REPLCONF"].map((name) => [name, SUBSCRIBE] as const),
  ...["BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "WAIT"]
    .map((name) => [name, BLOCKS] as const),
  ["WAITAOF", BLOCKS],
  ...["MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH"].map((name) => [name, TRANSACTION] as const),
  ...["AUTH", "HELLO", "SELECT", "QUIT", "RESET", "READONLY", "READWRITE", "ASKING"]
    .map((name) => [name, CONNECTION] as const),
]);

const CLIENT_FORBIDDEN = new Set(["REPLY", "PAUSE", "TRACKING", "SETNAME", "NO-EVICT", "CACHING"]);

/** Reason why `command` is refused, or undefined. */
export function explainForbidden(command: string, args: readonly unknown[]): string | undefined {
  const name = toUpperCase(command);
  const reason = lookUp(FORBIDDEN_COMMANDS, name);
  if (reason !== undefined) return reason;
  if (name === "CLIENT" && includes(CLIENT_FORBIDDEN, toWord(args[0]))) return CONNECTION;
  if (name !== "XREAD" && name !== "XREADGROUP") return undefined;
  for (let index = 0; index < args.length; index++) {
    if (toWord(args[index]) === "BLOCK") return BLOCKS;
  }
  return undefined;
}

/** A word as Redis will read it. */
function toWord(arg: unknown): string {
  return toUpperCase(arg instanceof Bytes ? decode(arg) : toText(arg));
}
