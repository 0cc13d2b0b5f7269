/**
 * Commands that the author's code gives to Redis.
 *
 * @module
 */

import { GearsError } from "../../../sdk/base/gears_error.ts";
import type { CommandArgument, Reply, TransactionBody } from "../../../sdk/host.ts";
import { findExecution } from "../base/execution_scope.ts";
import { explainForbidden } from "../links/forbidden_commands.ts";
import { ShardLinks } from "../links/shard_links.ts";
import { Transactions } from "../links/transactions.ts";

/** The global as it was before user code. */
const { setImmediate } = globalThis as unknown as {
  readonly setImmediate: (callback: () => void) => void;
};

/** Sends a session's commands and knows when they are answered. */
export class SessionCommands {
  readonly links = new ShardLinks();
  readonly #transactions = new Transactions(this.links);
  #last: Promise<Reply> | null = null;

  /** Number of commands that were given so far. */
  get given(): number {
    return this.links.given;
  }

  /** Sends one command. */
  execute(command: string, args: readonly CommandArgument[]): Promise<Reply> {
    const reply = this.links.execute(command, args);
    this.#last = this.links.lastWasOwn ? reply : null;
    return reply;
  }

  /** Sends the commands of an `atomic` block. */
  atomic(keys: readonly string[], body: TransactionBody): Promise<Reply[]> {
    return this.#transactions.run(keys, body);
  }

  /** True if a promise is what `execute` gave last, for the shard's own Redis. */
  isLast(promise: unknown): boolean {
    return promise === this.#last;
  }

  /** Resolves when every command given so far has its reply. */
  answered(): Promise<void> {
    return this.links.answered();
  }

  /**
   * Resolves when every command has its reply, also those that nobody awaits.
   *
   * @param withFollowing Waits also for commands that a reply set off: all commands of a script
   * that ends are its own. A module that lives on may always have some under way, so there it waits
   * for those given before.
   */
  async settled(withFollowing: boolean): Promise<void> {
    for (let settled = -1; settled !== this.given;) {
      settled = this.given;
      await this.answered();
      await new Promise<void>((resolve) => setImmediate(() => resolve()));
      if (!withFollowing) return;
    }
  }
}

/** Gives the reason why the code that runs now may not give a command; undefined where it may. */
export function refuseCommand(command: string, args: readonly unknown[]): GearsError | undefined {
  const aborted = refuseAborted();
  if (aborted !== undefined) return aborted;
  const reason = explainForbidden(command, args);
  return reason === undefined ? undefined : new GearsError(`Cannot execute ${command}: ${reason}`);
}

/** Gives the reason why the code that runs now may do nothing to Redis; undefined where it may. */
export function refuseAborted(): GearsError | undefined {
  return findExecution()?.isAborted ? new GearsError("The execution was aborted") : undefined;
}
