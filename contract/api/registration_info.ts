/**
 * Registrations as they are kept and as they are shown: `/v1/registrations`.
 *
 * @module
 */

import { z } from "zod";
import { RegistrationPlanSchema } from "../plan/validate_registration.ts";
import type { Data } from "./data.ts";

/** A registration as it is kept with the version of its library. */
export const StoredRegistration = z.strictObject({
  /** 40 characters of a shard id, `-`, a number; the same on every shard, kept by an upgrade. */
  id: z.string().regex(/^.{40}-\d+$/),
  plan: RegistrationPlanSchema,
  /** True where it was unregistered: the version's module still makes it, and it never fires. */
  isGone: z.literal(true).optional(),
});
/** Data of {@linkcode StoredRegistration}. */
export type StoredRegistration = z.infer<typeof StoredRegistration>;

const TriggerInfo = z.discriminatedUnion("reader", [
  z.object({
    reader: z.literal("KeysReader"),
    prefix: z.string(),
    eventTypes: z.array(z.string()).nullable(),
    keyTypes: z.array(z.string()).nullable(),
    commands: z.array(z.string()).nullable(),
    readValue: z.boolean(),
  }),
  z.object({
    reader: z.literal("StreamReader"),
    prefix: z.string(),
    batch: z.int(),
    durationMs: z.int(),
    trimStream: z.boolean(),
    fromId: z.string(),
  }),
  z.object({ reader: z.literal("CommandReader"), trigger: z.string(), inorder: z.boolean() }),
  z.object({
    reader: z.literal("TimeReader"),
    cron: z.string().nullable(),
    timeZone: z.string().nullable(),
    everyMs: z.int().nullable(),
    on: z.enum(["one", "all"]),
  }),
]);

/** Statuses of StreamReader registrations in reference 1.3; the others have them, too. */
const RegistrationStatus = z.enum([
  "OK",
  "WAITING_FOR_RETRY_ON_FAILURE",
  "ABORTED",
  "PAUSED",
  /** Takes nothing new and finishes what runs. */
  "DRAINING",
]);
/** Data of the statuses. */
export type RegistrationStatus = z.infer<typeof RegistrationStatus>;

/** Figures of this shard since the runtime started, or since they were cleared. */
export const RegistrationFigures = z.object({
  /** Executions that began. */
  numTriggered: z.int(),
  numSuccess: z.int(),
  numFailures: z.int(),
  numAborted: z.int(),
  /** Ticks of the clock that came while a run was still going; events that were dropped. */
  numSkipped: z.int(),
  lastRunDurationMs: z.number(),
  totalRunDurationMs: z.number(),
  avgRunDurationMs: z.number(),
  /** From the event to the end of its execution. */
  lastEstimatedLagMs: z.number(),
  avgEstimatedLagMs: z.number(),
  lastError: z.string().nullable(),
});
/** Data of {@linkcode RegistrationFigures}. */
export type RegistrationFigures = Data<typeof RegistrationFigures>;

/** A registration on this shard: a line of `GET /v1/registrations`. */
export const RegistrationInfo = z.object({
  id: z.string(),
  /** The library or session that it belongs to. */
  library: z.string(),
  /** Its name within it. */
  name: z.string(),
  description: z.string().optional(),
  mode: z.enum(["async", "async_local", "sync"]),
  trigger: TriggerInfo,
  failure: z.object({
    policy: z.enum(["continue", "abort", "retry"]),
    retryIntervalMs: z.int(),
    maxRetryIntervalMs: z.int(),
    attempts: z.int(),
    deadLetters: z.int(),
  }),
  status: RegistrationStatus,
  /** The obstacle where it takes no events. */
  reason: z.string().optional(),
  /** Events that wait, where the source can tell. */
  backlog: z.int().nullable(),
  /** Origin of its events, and what that promises. */
  source: z.string(),
}).extend(RegistrationFigures.shape);
/** Data of {@linkcode RegistrationInfo}. */
export type RegistrationInfo = Data<typeof RegistrationInfo>;

/** Body of `POST /v1/registrations/{id}/replay`. */
export const ReplayBody = z.strictObject({
  /** Message id, milliseconds since 1970, or ISO 8601 time. */
  from: z.union([z.string().min(1).max(64), z.int().min(0)]).transform(String),
});
