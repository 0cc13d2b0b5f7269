/**
 * The one validator of registrations: what an isolate sends is untrusted until it has passed here,
 * and so is what comes from other shards and from Redis.
 *
 * Runs on the trusted side; the sandbox never imports it.
 *
 * @module
 */

import { z } from "zod";
import { OWN_KEYS, type RegistrationPlan } from "./registration.ts";
import { badPlan, CallbackSchema, checkKeys, StepsSchema } from "./step_schema.ts";

const prefix = z.string().max(65_536).refine((text) => !text.startsWith(OWN_KEYS), {
  message: "expected other keys than the runtime's own",
});
/** They stand in logs and on terminals. */
const plainText = z.string().regex(/^[^\p{Cc}\u2028-\u202e\u2066-\u2069]*$/u, {
  message: "expected a text without control characters",
});
const names = z.array(z.string().max(256)).max(1_000);
const KeyTypeSchema = z.enum([
  "empty",
  "string",
  "list",
  "hash",
  "set",
  "zset",
  "module",
  "stream",
]);
const DAY_MS = 86_400_000;

const trigger = z.discriminatedUnion("reader", [
  z.strictObject({
    reader: z.literal("KeysReader"),
    prefix,
    eventTypes: names.min(1).nullable(),
    keyTypes: z.array(KeyTypeSchema).min(1).max(100).nullable(),
    commands: names.min(1).nullable(),
    readValue: z.boolean(),
  }),
  z.strictObject({
    reader: z.literal("StreamReader"),
    prefix,
    batch: z.int().min(1).max(100_000),
    durationMs: z.int().min(0).max(DAY_MS),
    trimStream: z.boolean(),
    fromId: z.string().regex(/^(\$|\d{1,20}(-\d{1,20})?)$/),
  }),
  z.strictObject({
    reader: z.literal("CommandReader"),
    trigger: plainText.max(65_536),
    inorder: z.boolean(),
  }),
  z.strictObject({
    reader: z.literal("TimeReader"),
    cron: z.string().max(256).nullable(),
    timeZone: z.string().max(256).nullable(),
    everyMs: z.int().min(10).max(365 * DAY_MS).nullable(),
    on: z.enum(["one", "all"]),
  }).refine(({ cron, everyMs }) => (cron === null) !== (everyMs === null), {
    message: "expected one of cron and everyMs",
  }),
]);

const failure = z.strictObject({
  policy: z.enum(["continue", "abort", "retry"]),
  retryIntervalMs: z.int().min(1).max(DAY_MS),
  maxRetryIntervalMs: z.int().min(1).max(DAY_MS),
  attempts: z.int().min(0).max(1_000_000),
  deadLetters: z.int().min(0).max(10_000_000),
});

const flow = z.strictObject({
  concurrency: z.int().min(1).max(10_000),
  concurrencyPerKey: z.int().min(1).max(10_000),
  orderBy: CallbackSchema.optional(),
  ratePerSecond: z.int().min(1).max(1_000_000).nullable(),
  debounceMs: z.int().min(1).max(DAY_MS).nullable(),
  dedupe: z.strictObject({ id: CallbackSchema, windowMs: z.int().min(1).max(7 * DAY_MS) })
    .nullable(),
});

/** See `registration.ts`. */
export const RegistrationPlanSchema: z.ZodType<RegistrationPlan> = z.strictObject({
  version: z.literal(1),
  trigger,
  steps: StepsSchema,
  mode: z.enum(["async", "async_local", "sync"]),
  collect: z.boolean(),
  convertToStr: z.boolean(),
  window: z.int().min(1).max(100_000),
  failure,
  flow,
  onRegistered: CallbackSchema.optional(),
  name: plainText.min(1).max(256),
  description: plainText.max(1_024).optional(),
});

/** A registration in which every step that needs a key has one. @throws `BAD_PLAN` */
export function validateRegistration(value: unknown): RegistrationPlan {
  const parsed = RegistrationPlanSchema.safeParse(value);
  if (!parsed.success) throw badPlan(parsed.error);
  checkKeys(parsed.data.steps);
  return parsed.data;
}
