/**
 * What a registration is, and what is shown of it.
 *
 * @module
 */

import { z } from "zod";
import type { FailureSpec, RegistrationMode, TriggerSpec } from "../plan/registration.ts";
import { RegistrationPlanSchema } from "../plan/validate_registration.ts";

/** A registration as it is kept with the version of its library. */
export const StoredRegistration = z.strictObject({
  /** 40 characters of a shard id, `-`, a number; the same on every shard, kept by an upgrade. */
  id: z.string().regex(/^.{40}-\d+$/),
  plan: RegistrationPlanSchema,
  /** It was unregistered: the version's module still makes it, and it never fires. */
  isGone: z.literal(true).optional(),
});
/** See {@linkcode StoredRegistration}. */
export type StoredRegistration = z.infer<typeof StoredRegistration>;

/** See the statuses of StreamReader registrations in reference 1.3; the others have them, too. */
export type RegistrationStatus =
  | "OK"
  | "WAITING_FOR_RETRY_ON_FAILURE"
  | "ABORTED"
  | "PAUSED"
  /** It takes nothing new and finishes what runs. */
  | "DRAINING";

/** What happened on this shard since the runtime started, or since the figures were cleared. */
export interface RegistrationFigures {
  /** Executions that began. */
  readonly numTriggered: number;
  readonly numSuccess: number;
  readonly numFailures: number;
  readonly numAborted: number;
  /** Ticks of the clock that came while a run was still going; events that were dropped. */
  readonly numSkipped: number;
  readonly lastRunDurationMs: number;
  readonly totalRunDurationMs: number;
  readonly avgRunDurationMs: number;
  /** From the event to the end of its execution. */
  readonly lastEstimatedLagMs: number;
  readonly avgEstimatedLagMs: number;
  readonly lastError: string | null;
}

/** A registration on this shard: `GET /v1/registrations`. */
export interface RegistrationInfo extends RegistrationFigures {
  readonly id: string;
  /** The library or session that it belongs to. */
  readonly library: string;
  /** Its name within it. */
  readonly name: string;
  readonly description?: string;
  readonly mode: RegistrationMode;
  readonly trigger: TriggerSpec;
  readonly failure: FailureSpec;
  readonly status: RegistrationStatus;
  /** Why it does not take events, where that is so. */
  readonly reason?: string;
  /** Events that wait, where the source can tell. */
  readonly backlog: number | null;
  /** Where its events come from and what that promises. */
  readonly source: string;
}
