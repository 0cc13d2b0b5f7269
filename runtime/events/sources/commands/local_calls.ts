/**
 * Runs calls of a trigger on this shard, the light way: one message to the session that serves the
 * library, one back.
 *
 * @module
 */

import { PinionError } from "../../../../errors.ts";
import type { RegistrationPlan } from "../../../../contract/plan/registration.ts";
import type { ExecutionObserver } from "../../source/event_source.ts";
import type { ServingModule } from "../../delivery/library_runner.ts";
import type { CallReply } from "./call_reply.ts";
import type { CallWays, CommandArgs } from "./command_source.ts";

/** What calls of one registration need. */
export interface CallPlace {
  readonly plan: RegistrationPlan;
  /** The session that serves now, opened if need be; at once where it is there. */
  serve(): ServingModule | Promise<ServingModule>;
  /** Takes what becomes of executions. */
  readonly observer: ExecutionObserver;
}

const NO_FAILURES: readonly never[] = [];

/** See the module. */
export class LocalCalls implements CallWays<CallReply> {
  readonly #place: CallPlace;

  constructor(place: CallPlace) {
    this.#place = place;
  }

  async run(
    args: CommandArgs,
    signal: AbortSignal | undefined,
    onOver: () => void,
  ): Promise<CallReply> {
    const { observer, plan: { convertToStr } } = this.#place;
    const startedAt = performance.now();
    observer.began(1);
    let at: ServingModule;
    try {
      const found = this.#place.serve();
      at = found instanceof Promise ? await found : found;
    } catch (error) {
      observer.aborted(1);
      onOver();
      throw notStarted(error);
    }
    try {
      const { results, errors } = await at.session.trigger(at.registration, args, {
        signal,
        onOver,
      });
      const durationMs = performance.now() - startedAt;
      observer.ended({
        executions: 1,
        failures: errors.length === 0 ? NO_FAILURES : [{ at: 0, errors, isFinal: false }],
        totalDurationMs: durationMs,
        lastDurationMs: durationMs,
        lagMs: durationMs,
      });
      return { results, errors, convertToStr };
    } catch (error) {
      observer.aborted(1);
      throw error;
    }
  }
}

/** Source: reference 1.3. */
export function notStarted(error: unknown): PinionError {
  const { code, message, location } = PinionError.from(error);
  return new PinionError(code, `Could not trigger execution, ${message}`, {
    cause: error,
    location,
  });
}
