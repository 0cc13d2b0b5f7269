/**
 * Says which events are caused by executions of events: see `runtime/events/chains/chains.ts`.
 *
 * Only keys that some registration waits for matter, and of those the runtime tells.
 *
 * @module
 */

import type { CommandArgument } from "../../../sdk/host.ts";
import type { ListenPattern } from "../../../contract/isolate/messages/chain.ts";
import { sendToRuntime } from "../base/border.ts";
import { findExecution } from "../base/execution_scope.ts";
import { findKeysOf, FIRST, toKeyName } from "./written_keys.ts";

/** A link that commands are given to. */
export interface MarkableLink {
  /** Publishes a mark before the next command, and its end behind those of this turn. */
  mark(depth: number, key: string, onRefused: () => void): void;
}

/** Takes the reply to a command; undefined where it failed. */
export type OnReply = (reply: unknown) => void;

/** Marks keys before an event's execution writes them. */
export class ChainMarks {
  /** Sorted; none lies within another. */
  #patterns: readonly ListenPattern[] = [];
  /** The Redis user may not publish. */
  #isRefused = false;

  /** Takes which keys registrations wait for. */
  setListens(patterns: readonly ListenPattern[]): void {
    this.#patterns = patterns;
  }

  /**
   * Marks what a command is about to write, where that matters.
   *
   * @returns What to call with the reply, if anybody waits for it.
   */
  before(
    link: MarkableLink,
    command: string,
    args: readonly CommandArgument[],
  ): OnReply | undefined {
    if (this.#patterns.length === 0) return undefined;
    // On the way of every command: most write one key, which nobody waits for.
    const keysOf = findKeysOf(command);
    if (keysOf === FIRST && (args.length === 0 || !this.#hears(toKeyName(args[0])))) {
      return undefined;
    }
    const depth = findExecution()?.depth;
    if (depth === undefined) return undefined;
    const keys = keysOf(args).map(toKeyName).filter((key) => this.#hears(key));
    if (keys.length === 0) return undefined;
    if (this.#isRefused) sendToRuntime({ type: "wrote", depth: depth + 1, keys });
    else for (const key of keys) link.mark(depth + 1, key, () => this.#isRefused = true);
    return command.length === 4 && command.toUpperCase() === "XADD"
      ? this.#tellEntry(keys[0], depth + 1)
      : undefined;
  }

  /** Tells the runtime of an entry that is on its way to a stream, and then of its id. */
  #tellEntry(key: string, depth: number): OnReply {
    sendToRuntime({ type: "adding", key });
    return (reply) => {
      const id = typeof reply === "string" ? reply : null;
      sendToRuntime({ type: "added", key, id, depth });
    };
  }

  #hears(key: string): boolean {
    const patterns = this.#patterns;
    let low = 0;
    let high = patterns.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (patterns[middle].text <= key) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return false;
    const { text, isPrefix } = patterns[low - 1];
    return isPrefix ? key.startsWith(text) : key === text;
  }
}
