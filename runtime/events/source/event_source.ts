/**
 * Interfaces between a source of events and the registration that they fire: the two that all
 * sources (streams, keys, commands, time) have in common.
 *
 * ```text
 *   source ── Delivery ──► EventRunner ── EventsMessage ──► sandbox of the library's current version
 *      ▲                       │
 *      └── onDone(outcomes) ◄──┘      acknowledge, retry, dead letter
 * ```
 *
 * @module
 */

import type { EventFailure, EventPayload } from "../../../contract/isolate/messages/events.ts";

/** Events that are to be run. */
export interface Delivery {
  readonly payload: EventPayload;
  /** Records of an execution. */
  readonly batch: number;
  readonly depths?: readonly number[];
  /**
   * When the event at a place of it happened, in milliseconds since 1970: for the figures of lag.
   */
  happenedAt?(place: number): number;
  /**
   * True if it may have killed an isolate: it waits until nothing else of its library runs beside
   * it.
   */
  readonly isSuspect?: boolean;
  /** Called with executions as they end; what it does must not throw. */
  onDone(outcomes: DoneExecutions): void;
}

/** Executions of a delivery that are over. */
export interface DoneExecutions {
  /** Place in the delivery of the first event of each, also of those that failed. */
  readonly done: readonly number[];
  readonly failures: readonly EventFailure[];
}

/** Takes what becomes of executions, for the statistics of a registration. */
export interface ExecutionObserver {
  /** So many are handed over. */
  began(executions: number): void;
  /** So many are over, failed ones among them; times are in milliseconds and of all of them. */
  ended(outcome: {
    readonly executions: number;
    readonly failures: readonly EventFailure[];
    readonly totalDurationMs: number;
    readonly lastDurationMs: number;
    /** From the last of their events to now, where its source knows. */
    readonly lagMs: number | null;
  }): void;
  /** So many that were handed over had no event that fits: they were none. */
  unfit(executions: number): void;
  /** So many that were handed over have not been run to their end. */
  aborted(executions: number): void;
}

/** Runs deliveries of one registration in the session that serves its library. */
export interface EventRunner {
  /**
   * Resolves when nothing of it is under way any more; deliveries may overlap. Where the policy is
   * not `continue`, what comes after a failed execution of the same key in the same delivery is not
   * begun, and so not reported. An aborted `signal` ends what has not begun; it still resolves.
   *
   * @throws why not all of it was run: the isolate died (`ISOLATE_DIED`, `LIMIT_*`), the library
   * does not load, the registration ends. What was not reported by `onDone` may have run in part.
   */
  deliver(delivery: Delivery, signal?: AbortSignal): Promise<void>;
}

/** Reason why a registration does not take events though it is not paused. */
export interface BlockReason {
  /** As RG.DUMPREGISTRATIONS shows it for streams. */
  readonly status: "WAITING_FOR_RETRY_ON_FAILURE" | "ABORTED";
  /** A sentence for people. */
  readonly reason: string;
}

/** A source at work for one registration on this shard. */
export interface EventSource extends AsyncDisposable {
  /** Reason why it stands still, if it does. */
  readonly hindrance: BlockReason | null;
  /** Events that wait, where it can tell. */
  readonly backlog: number | null;
  /** Origin of its events and the promise that comes with it: `source` of RegistrationInfo. */
  readonly description: string;
  /**
   * Begins to take events, or goes on. Where it answers a promise, events that happen after it
   * resolved are taken; who registers waits for it.
   *
   * @throws why no events can come, such as notifications that the server does not give
   */
  start(): void | Promise<void>;
  /** Takes nothing new; resolves when what it has taken is over. */
  drain(): Promise<void>;
  /** Ends what has not begun; resolves when nothing is under way. The cursor stays. */
  stop(): Promise<void>;
  /**
   * Takes its events again from the one with this id on, as far as they are still there. Absent
   * where the source does not keep them.
   */
  replay?(fromId: string): Promise<void>;
  /** The registration is gone: removes what it left in Redis (groups, marks). */
  forget(): Promise<void>;
}
