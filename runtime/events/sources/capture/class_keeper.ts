/**
 * Keeps the classes of notifications on that listeners need, also where other software changes them.
 *
 * @module
 */

import type { RedisAddress } from "../../../../redis/redis_url.ts";
import { probeClasses } from "./class_probe.ts";
import { ensureClasses, type RedisControl } from "./notify_classes.ts";

/** Time between two looks at the setting where it can be told by trial only, in milliseconds. */
const TRIAL_MS = 30_000;

/** Services that the keeper uses of its shard. */
export interface ClassKeeperDeps {
  readonly address: RedisAddress;
  readonly control: RedisControl;
  /** A tag of a slot of this shard. */
  hashtag(): string;
  log(level: "notice" | "warning", message: string): void;
}

/** Switches classes on and looks whether they stay so. */
export class ClassKeeper {
  readonly #deps: ClassKeeperDeps;
  readonly #lookMs: number;
  #isReadable = true;
  #lastLook = 0;

  /** @param lookMs Time between two calls of {@linkcode putBack}. */
  constructor(deps: ClassKeeperDeps, lookMs: number) {
    this.#deps = deps;
    this.#lookMs = lookMs;
  }

  /** Switches classes on. @returns those that were off @throws `REDIS_REFUSED`, `REDIS_UNAVAILABLE` */
  async ensure(classes: string): Promise<string> {
    const { address, control, hashtag } = this.#deps;
    const found = await ensureClasses(classes, control, () => probeClasses(address, hashtag()));
    if (!found.isReadable && this.#isReadable) {
      this.#deps.log(
        "notice",
        "The setting notify-keyspace-events may not be read; what it gives was found by trial",
      );
    }
    this.#isReadable = found.isReadable;
    return found.added;
  }

  /** Makes sure of all classes that are needed, also by listeners that come meanwhile. */
  async ensureNeeded(needed: () => string): Promise<void> {
    let classes: string;
    do {
      classes = needed();
      await this.ensure(classes);
    } while (classes !== needed());
  }

  /**
   * Puts classes back that other software has taken away.
   *
   * @returns those classes and the time in which their events may be lost; null where none was
   */
  async putBack(
    classes: string,
  ): Promise<{ readonly added: string; readonly lostMs: number } | null> {
    const now = Date.now();
    if (now - this.#lastLook < (this.#isReadable ? 0 : TRIAL_MS)) return null;
    const lostMs = this.#lastLook === 0 ? this.#lookMs : now - this.#lastLook;
    this.#lastLook = now;
    const added = await this.ensure(classes);
    return added === "" ? null : { added, lostMs };
  }
}
