/**
 * Reads what `deno test` prints while it runs: which case is under way, which one failed first.
 *
 * @module
 */

/** `  name ... ok (12ms)`. */
const ENDED = /^\s*(.*) \.\.\. (ok|FAILED|ignored)(?: \(.*)?$/;
/** `  name ...` without its outcome yet. */
const BEGUN = /^\s*(.*) \.\.\.$/;
/** Message of a case that the suite itself ended because its time was up. */
const TIMED_OUT = /\bran into (its|the) deadline\b/i;
/** Kept of the output, for messages of failures. */
const MAX_KEPT = 20_000;

/** Follows one run of one file. */
export class CaseWatch {
  /** Name of the first case that failed. */
  failed: string | null = null;
  /** Moment at which a case ended or the run began, in ms. */
  lastEndMs = performance.now();
  /** Longest time without the end of a case. */
  longestMs = 0;
  #running = "(start)";
  #line = "";
  #kept = "";

  /** Name of the case under way. */
  get running(): string {
    const begun = BEGUN.exec(this.#line);
    return begun === null ? this.#running : begun[1];
  }

  /** Tells whether a case failed because its own deadline came. */
  get hasTimedOut(): boolean {
    return TIMED_OUT.test(this.#kept);
  }

  /** Takes a piece of the output. */
  take(text: string): void {
    this.#kept = (this.#kept + text).slice(-MAX_KEPT);
    const lines = (this.#line + text).split("\n");
    this.#line = lines.pop()!.slice(-MAX_KEPT);
    for (const line of lines) this.#takeLine(line);
  }

  #takeLine(line: string): void {
    const ended = ENDED.exec(line);
    if (ended === null) {
      this.#running = BEGUN.exec(line)?.[1] ?? this.#running;
      return;
    }
    if (ended[2] === "FAILED") this.failed ??= ended[1];
    this.#running = "(end)";
    this.longestMs = Math.max(this.longestMs, performance.now() - this.lastEndMs);
    this.lastEndMs = performance.now();
  }
}
