/**
 * The scope of a run: the code that it calls belongs to it, also after its awaits.
 *
 * @module
 */

import type { ScopedExecution } from "../base/execution_scope.ts";

/** Says of a run whether its code may still act, and counts what it does. */
export class RunScope implements ScopedExecution {
  /** Number of registrations whose writes led to what it runs for. */
  readonly depth: number | undefined;
  #isAborted = false;
  #forwardedCommands = 0;

  constructor(depth: number | undefined) {
    this.depth = depth;
  }

  /** True if it is to end: its code may give no command any more. */
  get isAborted(): boolean {
    return this.#isAborted;
  }

  /** Number of its commands that went to another shard. */
  get forwardedCommands(): number {
    return this.#forwardedCommands;
  }

  countForwarded(): void {
    this.#forwardedCommands++;
  }

  abort(): void {
    this.#isAborted = true;
  }
}
