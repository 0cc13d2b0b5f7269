/**
 * The part of a sandbox that runs of events need.
 *
 * @module
 */

import type { CompiledRegistration } from "../../../sdk/compile_registration.ts";
import type { CommandArgument, Reply } from "../../../sdk/host.ts";
import type { Guest } from "../guest/guest.ts";

/** Commands that the author's functions give, as runs of events look at them. */
export interface EventCommands {
  /** Number of commands that were given so far. */
  readonly given: number;
  /** Resolves when every command given so far has its reply. */
  answered(): Promise<void>;
  /** True if a promise is what `execute()` gave last, for the shard's own Redis. */
  isLast(promise: unknown): boolean;
}

/** A sandbox whose module is loaded. */
export interface EventDeps {
  readonly guest: Pick<Guest, "errors" | "fuse">;
  readonly commands: EventCommands;
  /** The module's registration at an index. @throws GearsError where there is none */
  registrationAt(index: number): CompiledRegistration;
  /** The beginning of the keys that mark events of a registration which were there. */
  markPrefix(index: number): string;
  /** Sends a command of ours, which is none of the author's. */
  execute(command: string, args: readonly CommandArgument[]): Promise<Reply>;
}
