/**
 * Events of which those are left out that were there before: `dedupe` of a registration.
 *
 * @module
 */

import { GearsError } from "../../../sdk/base/gears_error.ts";
import { toKeyText } from "../base/batch.ts";
import type { Callback } from "../steps/step_runner.ts";
import type { EventRecords } from "../readers/event_records.ts";
import type { Admission, Once } from "./once.ts";

/** Longest id, in characters. */
const MAX_ID_CHARS = 1_024;

interface State {
  readonly admission: Admission;
  /** Null where the event has none, or is not run. */
  id: string | null;
}

/** Leaves out events that ran before. An event whose id is null or undefined always fires. */
export class OnceRecords implements EventRecords {
  readonly #records: EventRecords;
  readonly #once: Once;
  readonly #idOf: Callback;
  #states: readonly State[] = [];

  constructor(records: EventRecords, once: Once, idOf: Callback) {
    this.#records = records;
    this.#once = once;
    this.#idOf = idOf;
  }

  get count(): number {
    return this.#records.count;
  }

  get commonKey(): string | null {
    return this.#records.commonKey;
  }

  keyAt(index: number): string {
    return this.#records.keyAt(index);
  }

  preview(from: number, to: number): unknown[] {
    return this.#records.preview(from, to);
  }

  async prepare(): Promise<void> {
    await this.#records.prepare();
    this.#states = await Promise.all(
      Array.from({ length: this.count }, (_, index) => this.#admit(index)),
    );
  }

  read(from: number, to: number): unknown[] {
    const records: unknown[] = [];
    for (let index = from; index < to; index++) {
      const { admission } = this.#states[index];
      if (typeof admission === "object") throw admission.error;
      if (admission === "new") records.push(...this.#records.read(index, index + 1));
    }
    return records;
  }

  settle(from: number, to: number, isDone: boolean): void {
    for (let index = from; index < to; index++) {
      const state = this.#states[index];
      if (state === undefined || state.id === null) continue;
      this.#once.end(state.id, isDone);
      state.id = null;
    }
  }

  async #admit(index: number): Promise<State> {
    try {
      const [record] = this.#records.read(index, index + 1);
      const value = record === undefined ? null : await this.#idOf(record);
      if (value === null || value === undefined) return { admission: "new", id: null };
      const id = toKeyText(value);
      if (id.length > MAX_ID_CHARS) {
        throw new GearsError(`dedupe: an id may have ${MAX_ID_CHARS} characters, got ${id.length}`);
      }
      const admission = await this.#once.begin(id);
      return { admission, id: admission === "new" ? id : null };
    } catch (error) {
      return { admission: { error }, id: null };
    }
  }
}
