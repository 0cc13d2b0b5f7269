/**
 * How many events go into a delivery: as many as pay.
 *
 * Few at first, so that values are not read long before their event runs. Where a delivery is over
 * quickly, twice as many next time. Where it is not and more events wait, it is found out what twice
 * as many do: they pay where an event then takes less of the time, since it is not the events
 * but the delivery that takes it, such as an execution over all shards. What takes long and did not
 * pay is halved again.
 *
 * @module
 */

const MIN_EVENTS = 16;
const MAX_EVENTS = 512;
/** A delivery that is over within this time may be twice as large. */
const QUICK_MS = 50;
/** Beyond this time it has to pay. */
const SLOW_MS = 500;
/** Twice as many pay where each takes at most so much of the time. */
const WORTH = 0.8;
/** How much the latest delivery counts in the mean of its size. */
const WEIGHT = 0.5;
/** Deliveries after which a size that did not pay is tried again. */
const TRY_AGAIN = 50;

/** See the module. */
export class DeliverySize {
  #size = MIN_EVENTS;
  /** Time of an event, in milliseconds, by the size of its delivery. */
  readonly #perEvent = new Map<number, number>();
  /** Deliveries of this size. */
  #deliveries = 0;

  /** Events of the next delivery, at most. */
  get events(): number {
    return this.#size;
  }

  /** A delivery of `events` is over, `waiting` are to come. */
  ended(events: number, tookMs: number, waiting: number): void {
    const size = this.#size;
    const isOfSize = events === size; // else it began before that changed, or there were no more
    if (isOfSize) this.#note(size, tookMs / events);
    if (tookMs < QUICK_MS) return this.#become(size * 2);
    if (!isOfSize) return;
    const pays = this.#pays(size);
    const mayGrow = size < MAX_EVENTS && waiting >= size;
    if (mayGrow && pays !== false && this.#pays(size * 2) !== false) this.#become(size * 2);
    else if (tookMs > SLOW_MS && pays !== true) this.#become(size / 2);
  }

  #note(size: number, perEvent: number): void {
    const before = this.#perEvent.get(size) ?? perEvent;
    this.#perEvent.set(size, before + (perEvent - before) * WEIGHT);
    if (++this.#deliveries % TRY_AGAIN === 0) this.#perEvent.delete(size * 2);
  }

  /** Whether deliveries of this size are worth it; undefined where that is not known. */
  #pays(size: number): boolean | undefined {
    const [one, half] = [this.#perEvent.get(size), this.#perEvent.get(size / 2)];
    return one === undefined || half === undefined ? undefined : one < half * WORTH;
  }

  #become(size: number): void {
    // What was known of still larger ones is of another time.
    if (size > this.#size) this.#perEvent.delete(size * 2);
    this.#size = Math.max(MIN_EVENTS, Math.min(MAX_EVENTS, size));
    this.#deliveries = 0;
  }
}
