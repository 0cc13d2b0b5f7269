/**
 * Commands that `execute` refuses because they would harm the connection that all code of a session
 * shares.
 *
 * @module
 */

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

/** Why `command` is refused, or undefined. */
export function whyForbidden(command: string, args: readonly unknown[]): string | undefined {
  const name = command.toUpperCase();
  const reason = FORBIDDEN_COMMANDS.get(name);
  if (reason !== undefined) return reason;
  if (name === "CLIENT" && CLIENT_FORBIDDEN.has(String(args[0]).toUpperCase())) return CONNECTION;
  const isStreamRead = name === "XREAD" || name === "XREADGROUP";
  if (isStreamRead && args.some((arg) => String(arg).toUpperCase() === "BLOCK")) return BLOCKS;
  return undefined;
}
