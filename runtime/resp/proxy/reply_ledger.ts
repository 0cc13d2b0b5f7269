/**
 * Counts one client's commands and their replies, and keeps what there is to learn from which
 * reply.
 *
 * @module
 */

import type { ReplyNote } from "../replies/client_state.ts";

/** Commands that were sent, replies that came, notes on those to come. */
export class ReplyLedger {
  #sent = 0;
  #replied = 0;
  /** Notes on replies to come, in order. */
  readonly #notes: { readonly at: number; readonly note: ReplyNote }[] = [];

  /** Commands that are not answered. */
  get outstanding(): number {
    return this.#sent - this.#replied;
  }

  /** Notes on replies to come. */
  get noted(): number {
    return this.#notes.length;
  }

  /** Tells whether one of the replies to come is to be dropped. */
  get hasDrops(): boolean {
    return this.#notes.some(({ note }) => note === "drop");
  }

  /** So many commands are sent now. */
  expect(commands: number): void {
    this.#sent += commands;
  }

  /** Notes something on the reply to the command that is sent `index` commands after the next. */
  note(note: ReplyNote, index: number): void {
    this.#notes.push({ at: this.#sent + index, note });
  }

  /** Notes on the reply that comes next. */
  peek(): ReplyNote[] {
    return this.#notes.filter(({ at }) => at === this.#replied).map(({ note }) => note);
  }

  /** A reply came. Gives its number for {@linkcode takeNote}. */
  count(): number {
    return this.#replied++;
  }

  /** Takes a note on a reply that has come; undefined when there is none left. */
  takeNote(reply: number): ReplyNote | undefined {
    return this.#notes[0]?.at === reply ? this.#notes.shift()!.note : undefined;
  }

  /** Begins anew: nothing is outstanding. */
  clear(): void {
    this.#sent = this.#replied = 0;
    this.#notes.length = 0;
  }
}
