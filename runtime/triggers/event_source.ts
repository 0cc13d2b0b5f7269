/**
 * What stands between a source of events and the registration that they fire: the two interfaces
 * that all sources (streams, keys, commands, time) have in common.
 *
 * ```text
 *   source ── Delivery ──► EventRunner ── EventsMessage ──► sandbox of the library's current version
 *      ▲                       │
 *      └── onDone(outcomes) ◄──┘      acknowledge, retry, dead letter
 * ```
 *
 * @module
 */

import type { EventFailure, EventPayload } from "../isolate/event_messages.ts";

/** Events that are to be run. */
export interface Delivery {
  readonly payload: EventPayload;
  /** Records of an execution. */
  readonly batch: number;
  readonly depths?: readonly number[];
  /** Called with executions as they end; what it does must not throw. */
  onDone(outcomes: DoneExecutions): void;
}

/** Executions of a delivery that are over. */
export interface DoneExecutions {
  /** Place in the delivery of the first event of each, also of those that failed. */
  readonly done: readonly number[];
  readonly failures: readonly EventFailure[];
}

/** Runs deliveries of one registration in the session that serves its library. */
export interface EventRunner {
  /**
   * Resolves when nothing of it is under way any more; deliveries may overlap.
   *
   * @throws why not all of it was run: the isolate died (`ISOLATE_DIED`, `LIMIT_*`), the library does
   * not load, the registration ends. What was not reported by `onDone` may have run in part.
   */
  deliver(delivery: Delivery, signal?: AbortSignal): Promise<void>;
}

/** Why a registration does not take events though it is not paused. */
export interface Hindrance {
  /** As RG.DUMPREGISTRATIONS shows it for streams. */
  readonly status: "WAITING_FOR_RETRY_ON_FAILURE" | "ABORTED";
  /** A sentence for people. */
  readonly reason: string;
}

/** A source at work for one registration on this shard. */
export interface EventSource extends AsyncDisposable {
  /** Why it stands still, if it does. */
  readonly hindrance: Hindrance | null;
  /** Events that wait, where it can tell. */
  readonly backlog: number | null;
  /** Begins to take events, or goes on. */
  start(): void;
  /** Takes nothing new; resolves when what it has taken is over. */
  drain(): Promise<void>;
  /** Ends what has not begun; resolves when nothing is under way. The cursor stays. */
  stop(): Promise<void>;
  /** The registration is gone: removes what it left in Redis (groups, marks). */
  forget(): Promise<void>;
}
