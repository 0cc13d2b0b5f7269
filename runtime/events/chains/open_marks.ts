/**
 * Marks of keys that executions are about to write, by the connection that they come over, until
 * their end comes.
 *
 * Whoever may publish can send them, so they are bounded: beyond it, those whose sender was heard of
 * longest ago are forgotten.
 *
 * @module
 */

/** A mark whose end does not come is forgotten: its isolate died. */
const MARK_MS = 2_000;

/** Marks of one connection that have no end yet. */
interface Open {
  readonly keys: Set<string>;
  at: number;
}

/** See the module. */
export class OpenMarks {
  readonly #bounds: { readonly entries: number; readonly chars: number };
  readonly #depths = new Map<string, number>();
  /** By sender; the one that was heard of longest ago first. */
  readonly #open = new Map<string, Open>();
  /** Keys of all of them, and senders, with their characters. */
  #entries = 0;
  #chars = 0;

  /** @param bounds Marks and senders, and the characters that they may have together. */
  constructor(bounds: { readonly entries: number; readonly chars: number }) {
    this.#bounds = bounds;
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#depths.size === 0;
  }

  depthOf(key: string): number | undefined {
    return this.#depths.get(key);
  }

  add(sender: string, key: string, depth: number, now: number): void {
    const open = this.#open.get(sender) ?? this.#begin(sender, now);
    open.at = now;
    // Moved to the end.
    this.#open.delete(sender);
    this.#open.set(sender, open);
    if (!open.keys.has(key)) {
      open.keys.add(key);
      this.#count(1, key.length);
    }
    this.#depths.set(key, depth);
    this.#forget(now);
  }

  end(sender: string): void {
    const open = this.#open.get(sender);
    if (open === undefined) return;
    this.#open.delete(sender);
    this.#count(-1, -sender.length);
    for (const key of open.keys) {
      this.#depths.delete(key);
      this.#count(-1, -key.length);
    }
  }

  clear(): void {
    this.#depths.clear();
    this.#open.clear();
    this.#entries = this.#chars = 0;
  }

  #begin(sender: string, now: number): Open {
    this.#count(1, sender.length);
    return { keys: new Set(), at: now };
  }

  #count(entries: number, chars: number): void {
    this.#entries += entries;
    this.#chars += chars;
  }

  #forget(now: number): void {
    const { entries, chars } = this.#bounds;
    for (const [sender, { at }] of this.#open) {
      const isFull = this.#entries > entries || this.#chars > chars;
      if (!isFull && now - at <= MARK_MS) break;
      this.end(sender);
    }
  }
}
