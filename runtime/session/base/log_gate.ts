/**
 * Lets so many lines a second through and counts the rest.
 *
 * @module
 */

/** Limits log lines to a number a second. */
export class LogGate {
  readonly #linesPerSecond: number;
  #second = 0;
  #lines = 0;
  #dropped = 0;

  constructor(linesPerSecond: number) {
    this.#linesPerSecond = linesPerSecond;
  }

  /**
   * Gives the lines to log for one that comes at `nowMs`: none, the line, or first a note of how
   * many were dropped in the second before.
   */
  admit(message: string, nowMs: number): readonly string[] {
    const second = Math.floor(nowMs / 1000);
    const note: string[] = [];
    if (second !== this.#second) {
      if (this.#dropped > 0) {
        note.push(
          `${this.#dropped} lines were dropped: the limit is ${this.#linesPerSecond} lines a second (logLinesPerSecond)`,
        );
      }
      this.#second = second;
      this.#lines = 0;
      this.#dropped = 0;
    }
    if (this.#lines++ < this.#linesPerSecond) return [...note, message];
    this.#dropped++;
    return note;
  }
}
