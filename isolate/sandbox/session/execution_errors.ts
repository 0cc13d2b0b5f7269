/**
 * Errors of an execution: the first of them as text, the others as a number.
 *
 * @module
 */

import { MAX_ERROR_CHARS, MAX_ERRORS } from "../../../contract/isolate/module_limits.ts";
import type { ScopedExecution } from "../base/execution_scope.ts";

/** Gathers errors, as long as anybody wants them. */
export class ExecutionErrors {
  readonly #describe: (error: unknown) => string;
  readonly #scope: Pick<ScopedExecution, "isAborted">;
  readonly #texts: string[] = [];
  #count = 0;
  #chars = 0;

  /**
   * @param describe Tells an error in one line.
   * @param scope Errors of what was aborted are nobody's.
   */
  constructor(
    describe: (error: unknown) => string,
    scope: Pick<ScopedExecution, "isAborted">,
  ) {
    this.#describe = describe;
    this.#scope = scope;
  }

  /** Number of errors, also of those that are not kept. */
  get count(): number {
    return this.#count;
  }

  add(error: unknown): void {
    if (this.#scope.isAborted) return;
    this.#count++;
    if (this.#texts.length >= MAX_ERRORS || this.#chars >= MAX_ERROR_CHARS) return;
    const text = this.#describe(error);
    this.#chars += text.length;
    this.#texts.push(text);
  }

  /** The lines of the errors that are kept, and one that counts the others. */
  list(): string[] {
    const unseen = this.#count - this.#texts.length;
    return unseen === 0 ? this.#texts : [...this.#texts, `… and ${unseen} more errors`];
  }
}
