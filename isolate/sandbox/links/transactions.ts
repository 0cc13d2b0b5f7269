/**
 * `atomic`: MULTI/EXEC, with keys to watch where the author names some.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { firstKey } from "../../../redis/command_keys.ts";
import { RespError } from "../../../redis/resp_decoder.ts";
import { GearsError } from "../../../sdk/base/gears_error.ts";
import type { CommandArgument, Reply, TransactionBody } from "../../../sdk/host.ts";
import { describe } from "../../../sdk/operations/operation.ts";
import type { CommandLink } from "./command_link.ts";
import { explainForbidden } from "./forbidden_commands.ts";
import { RedisError } from "../base/redis_error.ts";
import { explainCrossSlot, type ShardLinks } from "./shard_links.ts";

/** Number of times that a body is called before its keys are said to keep changing. */
const MAX_ATTEMPTS = 100;
/** Longest pause between two attempts, in milliseconds. */
const MAX_PAUSE_MS = 20;
/** Number of times that a transaction is sent again because its slot is elsewhere or on its way. */
const MAX_MOVES = 40;
const MOVE_PAUSE_MS = 50;
/** The language's own, which no author and no recording has replaced. */
const { random } = Math;
const wait = setTimeout;
const SENDABLE: ReadonlySet<string> = new Set(["string", "number", "bigint", "boolean"]);

type Command = readonly [name: string, args: readonly CommandArgument[]];

/** True within a block that watches keys: another one would wait for it for ever. */
const watching = new AsyncLocalStorage<boolean>();

/** Runs transactions over a session's links. */
export class Transactions {
  readonly #links: ShardLinks;
  /** The watching links serve one block at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(links: ShardLinks) {
    this.#links = links;
  }

  /** Runs what `atomic` of the SDK was given. */
  run(keys: readonly string[], body: TransactionBody): Promise<Reply[]> {
    if (keys.length === 0) return this.#runPlain(body);
    if (watching.getStore()) {
      throw new GearsError("Already inside an atomic block: watch all keys in the outer one");
    }
    const result = this.#turn.then(() => watching.run(true, () => this.#runWatching(keys, body)));
    this.#turn = result.catch(() => {});
    return result;
  }

  async #runPlain(body: TransactionBody): Promise<Reply[]> {
    const commands = await gather(body);
    if (commands.length === 0) return [];
    return await this.#following(async () => {
      // Given in one turn, so nothing of the session comes between MULTI and EXEC.
      const link = this.#links.linkOf(findFirstKey(commands), "execute");
      return await this.#send(link, commands) ?? [];
    });
  }

  async #runWatching(keys: readonly string[], body: TransactionBody): Promise<Reply[]> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const replies = await this.#following(() => this.#attempt(keys, body));
      if (replies !== null) return replies;
      await pause(random() * Math.min(MAX_PAUSE_MS, attempt));
    }
    throw new GearsError(
      `atomic gave up after ${MAX_ATTEMPTS} attempts: the watched keys (${
        keys.join(", ")
      }) were changed by others each time`,
    );
  }

  /** The replies; null if a watched key was changed. */
  async #attempt(keys: readonly string[], body: TransactionBody): Promise<Reply[] | null> {
    const link = this.#links.linkOf(keys[0], "watch");
    await link.execute("WATCH", keys);
    const { generation } = link;
    let commands: readonly Command[];
    try {
      commands = await gather(body);
    } catch (error) {
      await link.execute("UNWATCH", []);
      throw error;
    }
    if (commands.length === 0) {
      await link.execute("UNWATCH", []);
      return [];
    }
    // Over a connection that was opened meanwhile nothing would be watched.
    return link.generation === generation ? await this.#send(link, commands) : null;
  }

  async #send(link: CommandLink, commands: readonly Command[]): Promise<Reply[] | null> {
    const onReplies = commands.map(([name, args]) => this.#links.marks.before(link, name, args));
    let replies: Reply[] | null = null;
    try {
      replies = await send(link, commands);
      return replies;
    } finally {
      for (const [index, onReply] of onReplies.entries()) onReply?.(replies?.[index]);
    }
  }

  /** Does it again where a server sends it elsewhere: nothing was done then. */
  async #following<T>(run: () => Promise<T>): Promise<T> {
    for (let attempt = 1;; attempt++) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof RedisError)) throw error;
        const isElsewhere = this.#links.follow(error.message) !== null;
        if (!isElsewhere || attempt === MAX_MOVES) {
          error.message = explainCrossSlot(error.message);
          throw error;
        }
        await pause(MOVE_PAUSE_MS);
      }
    }
  }
}

/** The key that says where a transaction is run: all of its keys are in one slot. */
function findFirstKey(commands: readonly Command[]): string | Uint8Array | undefined {
  for (const [name, args] of commands) {
    const key = firstKey(name, args);
    if (key !== undefined) return key;
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => wait(resolve, ms));
}

/** Calls `body` and returns what it queued. */
async function gather(body: TransactionBody): Promise<readonly Command[]> {
  const commands: Command[] = [];
  let isOpen = true;
  try {
    await body({
      execute(command, ...args) {
        if (!isOpen) throw new GearsError(`Cannot queue ${command}: the atomic block is over`);
        requireSendable(command, args);
        commands.push([command, args]);
      },
    });
  } finally {
    isOpen = false;
  }
  return commands;
}

/** A command that cannot be sent must not be found out when MULTI is on its way already. */
function requireSendable(command: unknown, args: readonly unknown[]): void {
  if (typeof command !== "string") {
    throw new GearsError(`the given command must be a string, got ${describe(command)}`);
  }
  const reason = explainForbidden(command, args);
  if (reason !== undefined) throw new GearsError(`Cannot execute ${command}: ${reason}`);
  for (const arg of args) {
    if (SENDABLE.has(typeof arg) || arg instanceof Uint8Array) continue;
    throw new GearsError(
      `Cannot execute ${command}: expected arguments of type ${
        [...SENDABLE].join(", ")
      } or Uint8Array, got ${describe(arg)}`,
    );
  }
}

/** The replies of one MULTI/EXEC; null if a watched key was changed. */
async function send(link: CommandLink, commands: readonly Command[]): Promise<Reply[] | null> {
  link.requireRoom(commands.length + 2, "MULTI");
  const queued = [
    link.execute("MULTI", []),
    ...commands.map(([name, args]) => link.execute(name, args)),
  ];
  const executed = link.execute("EXEC", []);
  const refusals = await Promise.allSettled(queued);
  let replies: Reply[] | null;
  try {
    replies = await executed;
  } catch (error) {
    // A command that could not be queued says more than EXECABORT.
    const refused = refusals.find((refusal) => refusal.status === "rejected");
    throw refused?.reason ?? error;
  }
  const failure = replies?.findIndex((reply) => reply instanceof RespError) ?? -1;
  if (failure >= 0) {
    throw new GearsError(
      `atomic: command ${failure + 1} (${commands[failure][0]}) failed, the others were applied: ${
        replies![failure].message
      }`,
    );
  }
  return replies;
}
