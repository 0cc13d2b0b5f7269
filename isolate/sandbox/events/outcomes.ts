/**
 * Tells the runtime which executions are over, many in one message.
 *
 * An execution counts as over once every command that it has given has its reply, also those that
 * its author does not wait for: an event is done when its effect is there.
 *
 * @module
 */

import type { EventFailure, EventsDoneMessage } from "../../../contract/isolate/messages/events.ts";
import {
  MAX_EVENT_ERROR_CHARS,
  MAX_EVENT_ERRORS,
} from "../../../contract/isolate/messages/message_limits.ts";
import { NonRetryableError } from "../../../sdk/base/gears_error.ts";
import { sendToRuntime } from "../base/border.ts";
import type { RunErrors } from "./registered_plan.ts";

/** Characters of errors that travel in one message before those that follow are cut short. */
const MESSAGE_CHARS = 128 * 1024;
/** Characters of each error that travel then. */
const SHORT_CHARS = 120;

const { setImmediate } = globalThis as unknown as {
  readonly setImmediate: (callback: () => void) => void;
};

/** Outcomes of one delivery that were gathered and not sent yet. */
interface Gathered {
  done: number[];
  skipped: number;
  failures: EventFailure[];
  totalDurationMs: number;
  lastDurationMs: number;
  isLast: boolean;
}

/** Reports finished executions in batches. */
export class Outcomes {
  readonly #settled: () => Promise<void>;
  readonly #describe: (error: unknown) => string;
  #gathered = new Map<number, Gathered>();
  #chars = 0;
  #mustSettle = false;
  #isScheduled = false;

  /**
   * @param settled Resolves when every command given so far has its reply.
   * @param describe Tells an error in one line.
   */
  constructor(settled: () => Promise<void>, describe: (error: unknown) => string) {
    this.#settled = settled;
    this.#describe = describe;
  }

  /**
   * An execution is over.
   *
   * @param at Place of its first event in the delivery.
   * @param mustSettle Whether commands of it may be under way.
   */
  add(
    id: number,
    { at, errors, durationMs, mustSettle, isSkipped }: {
      readonly at: number;
      readonly errors: RunErrors;
      readonly durationMs: number;
      readonly mustSettle: boolean;
      /** None of its events fits: nothing was run. */
      readonly isSkipped?: boolean;
    },
  ): void {
    const gathered = this.#of(id);
    gathered.done.push(at);
    if (isSkipped) return void gathered.skipped++;
    gathered.totalDurationMs += durationMs;
    gathered.lastDurationMs = durationMs;
    if (errors.length > 0) gathered.failures.push(this.#toFailure(at, errors));
    if (mustSettle) this.#mustSettle = true;
  }

  /** Notes that nothing of a delivery is under way any more. */
  end(id: number): void {
    this.#of(id).isLast = true;
  }

  #of(id: number): Gathered {
    let gathered = this.#gathered.get(id);
    if (gathered === undefined) {
      gathered = {
        ...{ done: [], skipped: 0, failures: [], isLast: false },
        ...{ totalDurationMs: 0, lastDurationMs: 0 },
      };
      this.#gathered.set(id, gathered);
      this.#schedule();
    }
    return gathered;
  }

  #toFailure(at: number, errors: RunErrors): EventFailure {
    const chars = this.#chars < MESSAGE_CHARS ? MAX_EVENT_ERROR_CHARS : SHORT_CHARS;
    const texts = errors.slice(0, MAX_EVENT_ERRORS)
      .map((error) => this.#describe(error).slice(0, chars));
    for (const { length } of texts) this.#chars += length;
    return { at, errors: texts, isFinal: errors.every(isFinal) };
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => void this.#flush());
  }

  /** Sends what was gathered. One at a time, so that the end of a delivery is said last. */
  async #flush(): Promise<void> {
    const gathered = this.#gathered;
    this.#gathered = new Map();
    this.#chars = 0;
    if (this.#mustSettle) {
      this.#mustSettle = false;
      await this.#settled();
    }
    for (const [id, outcome] of gathered) {
      const message: EventsDoneMessage = { type: "eventsDone", id, ...outcome };
      sendToRuntime(message);
    }
    this.#isScheduled = false;
    if (this.#gathered.size > 0) this.#schedule();
  }
}

/** Tells whether its author marked an error as not worth another try. */
function isFinal(error: unknown): boolean {
  return error instanceof NonRetryableError;
}
