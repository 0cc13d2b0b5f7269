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

/** Answer to an event: it is new, it is known, or the reason why nobody can tell. */
export type Admission = "new" | "known" | { readonly error: unknown };

/** The part of its sandbox that it needs. */
export interface OnceDeps {
  /** Beginning of the marks of this registration on this shard. */
  readonly prefix: string;
  readonly windowMs: number;
  execute(command: string, args: readonly CommandArgument[]): Promise<Reply>;
}

const DONE = "d";
/** Marks of this sandbox, which those of one that died do not look like. */
const PENDING = `p:${crypto.randomUUID()}`;

/** Lets each event through once within a window. */
export class Once {
  readonly #deps: OnceDeps;
  /** Ids that were let through and are not finished. */
  readonly #underWay = new Set<string>();

  constructor(deps: OnceDeps) {
    this.#deps = deps;
  }

  /** Marks an id. Never rejects. */
  async begin(id: string): Promise<Admission> {
    if (this.#underWay.has(id)) return "known";
    this.#underWay.add(id);
    const { prefix, windowMs, execute } = this.#deps;
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

  /** Ends an event that was let through; where it failed, it may come again. */
  end(id: string, isDone: boolean): void {
    this.#underWay.delete(id);
    const mark = this.#deps.prefix + id;
    const written = isDone
      ? this.#deps.execute("SET", [mark, DONE, "XX", "KEEPTTL"])
      : this.#deps.execute("DEL", [mark]);
    // A mark that stays as it was ends with its window.
    written.catch(() => {});
  }
}
