/**
 * A clock that stands still unless a test moves it.
 *
 * @module
 */

import type { Clock } from "../../../../../runtime/events/sources/time/clock.ts";

interface Sleeper {
  readonly wakesAt: number;
  readonly wake: () => void;
}

/** See the module. */
export class FakeClock implements Clock {
  #now: number;
  /** Time that has passed, which nobody can set. */
  #passed = 0;
  #sleepers = new Set<Sleeper>();

  constructor(now: string) {
    this.#now = Date.parse(now);
  }

  now(): number {
    return this.#now;
  }

  /** The time as text. */
  get text(): string {
    return new Date(this.#now).toISOString();
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const sleeper = {
        wakesAt: this.#passed + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", sleeper.wake, { once: true });
    });
  }

  /** Time passes: those who sleep wake in their order, and do what they do. */
  async pass(ms: number): Promise<void> {
    const end = this.#passed + ms;
    await turn();
    while (true) {
      const [next] = [...this.#sleepers].sort((a, b) => a.wakesAt - b.wakesAt);
      if (next === undefined || next.wakesAt > end) break;
      this.#move(next.wakesAt - this.#passed);
      next.wake();
      await turn();
    }
    this.#move(end - this.#passed);
  }

  /** Somebody sets the clock. */
  set(now: string): void {
    this.#now = Date.parse(now);
  }

  #move(ms: number): void {
    this.#passed += ms;
    this.#now += ms;
  }
}

/** Everything that can happen without time passing happens. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
