/**
 * Lets an event through once within a window: what its author calls its id is marked in Redis.
 *
 * ```text
 *   SET mark p:SANDBOX NX PX window ──► new: it is run ──► done:   SET mark d XX KEEPTTL
 *            │                                        └──► failed: DEL mark
 *            └─► there: d, or p: under way here ──► known: it is not run
 *                       p: of another sandbox ──► that died meanwhile: it is run again
 * ```
 *
 * Marks are the shard's: the same id on another shard is another event. They are written with the
 * rights of the library's Redis user.
 *
 * @module
 */

import type { CommandArgument, Reply } from "../../../sdk/host.ts";

/** Whether an event is to be run, or why that cannot be told. */
export type Admission = "new" | "known" | { readonly error: unknown };

/** What it needs of its sandbox. */
export interface OncePlace {
  /** What marks of this registration on this shard begin with. */
  readonly prefix: string;
  readonly windowMs: number;
  execute(command: string, args: readonly CommandArgument[]): Promise<Reply>;
}

const DONE = "d";
/** Marks of this sandbox, which those of one that died do not look like. */
const PENDING = `p:${crypto.randomUUID()}`;

/** See the module. */
export class Once {
  readonly #place: OncePlace;
  /** Ids that were let through and are not over. */
  readonly #underWay = new Set<string>();

  constructor(place: OncePlace) {
    this.#place = place;
  }

  /** Marks an id. Never rejects. */
  async begin(id: string): Promise<Admission> {
    if (this.#underWay.has(id)) return "known";
    this.#underWay.add(id);
    const { prefix, windowMs, execute } = this.#place;
    const mark = prefix + id;
    try {
      // Together: the second one says what was there where the first one did nothing.
      const [taken, found] = await Promise.all([
        execute("SET", [mark, PENDING, "NX", "PX", windowMs]),
        execute("GET", [mark]),
      ]);
      if (taken === "OK") return "new";
      if (found !== DONE) {
        await execute("SET", [mark, PENDING, "PX", windowMs]);
        return "new";
      }
      this.#underWay.delete(id);
      return "known";
    } catch (error) {
      this.#underWay.delete(id);
      return { error };
    }
  }

  /** An event that was let through is over; where it failed, it may come again. */
  end(id: string, isDone: boolean): void {
    this.#underWay.delete(id);
    const mark = this.#place.prefix + id;
    const written = isDone
      ? this.#place.execute("SET", [mark, DONE, "XX", "KEEPTTL"])
      : this.#place.execute("DEL", [mark]);
    // A mark that stays as it was ends with its window.
    written.catch(() => {});
  }
}
