/**
 * The functions that an author's code calls at run time.
 *
 * Source: RedisGears 1.2 runtime (reference 4.10).
 *
 * @module
 */

import { GearsError } from "./base/gears_error.ts";
import {
  type CommandArgument,
  getHost,
  type LogLevel,
  type Reply,
  type TransactionBody,
} from "./host.ts";
import { describe } from "./operations/operation.ts";

/**
 * Runs a Redis command on the shard, over a connection that belongs to this session.
 *
 * Commands issued together travel together: a thousand `execute` calls that are awaited with
 * `Promise.all`, or one per record in an async step, cost one round trip.
 *
 * @param command Name of the command, such as `"HGET"`.
 * @param args Bytes are sent raw, everything else as text.
 * @returns the reply as RESP2 gives it: text (bytes where they are no UTF-8), number (bigint beyond
 * 2^53), array or null.
 * @throws the error that Redis answered with, or an error that says why the command is not allowed.
 * Source: RedisGears 1.2 `execute`. Differs: asynchronous; the error has Redis' own text.
 *
 * @example
 * ```ts ignore
 * await execute("SET", "greeting", "hello");
 * const text = await execute("GET", "greeting");
 * ```
 */
export function execute(command: string, ...args: CommandArgument[]): Promise<Reply> {
  if (typeof command !== "string") {
    throw new GearsError(`the given command must be a string, got ${describe(command)}`);
  }
  return getHost().execute(command, args);
}

/**
 * Runs the commands that `body` queues as one transaction (MULTI/EXEC).
 *
 * With `keys` the transaction is optimistic: the keys are watched, `body` may read them with
 * `execute`, and when somebody changed one of them in between, nothing was applied and `body` is
 * called again (at most 100 times).
 *
 * @returns the replies, in the order of the queued commands
 * @throws GearsError if a command failed in EXEC, or if the keys kept changing.
 * Source: RedisGears 1.2 `atomic`. Differs: it takes a function; other clients are not stopped
 * while it reads, which is why it may be called again.
 *
 * @example
 * ```ts ignore
 * await atomic((tx) => {
 *   tx.execute("INCR", "a");
 *   tx.execute("INCR", "b");
 * });
 * await atomic(["stock"], async (tx) => {
 *   const left = Number(await execute("GET", "stock"));
 *   if (left > 0) tx.execute("SET", "stock", left - 1);
 * });
 * ```
 */
export function atomic(body: TransactionBody): Promise<Reply[]>;
/** The same with keys to watch. */
export function atomic(keys: readonly string[], body: TransactionBody): Promise<Reply[]>;
export function atomic(
  first: TransactionBody | readonly string[],
  second?: TransactionBody,
): Promise<Reply[]> {
  const keys = Array.isArray(first) ? first as readonly string[] : [];
  const body = typeof first === "function" ? first : second;
  if (typeof body !== "function") {
    throw new GearsError(`atomic argument must be a function, got ${describe(body)}`);
  }
  return getHost().atomic(keys, body);
}

const LEVELS: readonly LogLevel[] = ["debug", "verbose", "notice", "warning"];

/**
 * Writes a line to the log of the execution and of the runtime.
 *
 * @param level Default `notice`.
 */
export function log(message: string, level: LogLevel = "notice"): void {
  if (typeof message !== "string") {
    throw new GearsError(`Log message must be a string, got ${describe(message)}`);
  }
  if (!LEVELS.includes(level)) {
    throw new GearsError(`Log level should be one of the following : ${LEVELS.join(",")}`);
  }
  getHost().log(level, message);
}

/**
 * A short string that hashes to a slot of this shard, for names that must stay local, as in
 * `` `counter:{${hashtag()}}` ``. On one shard it is `06S`.
 */
export function hashtag(): string {
  return getHost().hashtag();
}

/**
 * The value that RG.CONFIGSET gave to a key of the user's own, or `fallback`.
 *
 * Built-in keys are not seen, as in RedisGears.
 */
export function configGet(key: string): string | undefined;
/** The same with a value for keys that are not set. */
export function configGet(key: string, fallback: string): string;
export function configGet(key: string, fallback?: string): string | undefined {
  if (typeof key !== "string") {
    throw new GearsError(`get_config key must be a string, got ${describe(key)}`);
  }
  return getHost().configGet(key) ?? fallback;
}

/** Values that the library was deployed with (`--env NAME=VALUE`); empty in a script. */
export const env: Readonly<Record<string, string>> = new Proxy({}, {
  get: (_target, name) => typeof name === "string" ? getHost().env()[name] : undefined,
  has: (_target, name) => typeof name === "string" && Object.hasOwn(getHost().env(), name),
  ownKeys: () => Object.keys(getHost().env()),
  getOwnPropertyDescriptor: (_target, name) => {
    const value = typeof name === "string" ? getHost().env()[name] : undefined;
    return value === undefined ? undefined : { value, enumerable: true, configurable: true };
  },
  set: () => false,
});

/** Whether the caller may await: always true here. Source: RedisGears 1.2 `isAsyncAllow`. */
export function isAsyncAllow(): boolean {
  return true;
}
