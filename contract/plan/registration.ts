/**
 * A registration as data: what fires it, what runs then, and how failures and load are dealt with.
 *
 * The trusted side imports the schema; the sdk and the sandbox import the types alone.
 *
 * Source: RedisGears 1.2 `register()` (reference 2.1, 2.3, 2.6, 4.2).
 *
 * @module
 */

import { z } from "zod";
import type { DeepReadonly } from "../deep_readonly.ts";
import { CallbackSchema, StepsSchema } from "./step.ts";
import { KEY_TYPES, OWN_KEYS, REGISTRATION_MODES } from "./vocabulary.ts";

export type { KeyType, RegistrationMode } from "./vocabulary.ts";

const DAY_MS = 86_400_000;

/** `person:*` for all keys that begin so; without the star at the end one key. */
const prefix = z.string().max(65_536).refine((text) => !text.startsWith(OWN_KEYS), {
  message: "expected other keys than the runtime's own",
});
/** A text that stands in logs and on terminals. */
const plainText = z.string().regex(/^[^\p{Cc}\u2028-\u202e\u2066-\u2069]*$/u, {
  message: "expected a text without control characters",
});
const names = z.array(z.string().max(256)).max(1_000);

/** Fires on events of keys. */
const KeysTriggerSchema = z.strictObject({
  reader: z.literal("KeysReader"),
  prefix,
  /** Lower case; null for all but `keymiss` and `new`. */
  eventTypes: names.min(1).nullable(),
  keyTypes: z.array(z.enum(KEY_TYPES)).min(1).max(100).nullable(),
  /** Lower case: only events that one of these commands causes; null for all. */
  commands: names.min(1).nullable(),
  readValue: z.boolean(),
});

/** Fires on messages of streams. */
const StreamTriggerSchema = z.strictObject({
  reader: z.literal("StreamReader"),
  prefix,
  /** Messages of an execution, at most. */
  batch: z.int().min(1).max(100_000),
  /** Time for which a batch that is not full waits for more; 0: as long as it takes. */
  durationMs: z.int().min(0).max(DAY_MS),
  trimStream: z.boolean(),
  /** Start of a new group: a message id, exclusive; `$` for messages from now on. */
  fromId: z.string().regex(/^(\$|\d{1,20}(-\d{1,20})?)$/),
});

/** Fires on RG.TRIGGER, RG.TRIGGERONKEY and `POST /v1/triggers/{trigger}`. */
const CommandTriggerSchema = z.strictObject({
  reader: z.literal("CommandReader"),
  trigger: plainText.max(65_536),
  /** One execution after the other, in the order of arrival. */
  inorder: z.boolean(),
});

/** Fires with the clock. */
const TimeTriggerSchema = z.strictObject({
  reader: z.literal("TimeReader"),
  cron: z.string().max(256).nullable(),
  /** IANA name; null for UTC. */
  timeZone: z.string().max(256).nullable(),
  everyMs: z.int().min(10).max(365 * DAY_MS).nullable(),
  /** On every shard, or on one of them. */
  on: z.enum(["one", "all"]),
}).refine(({ cron, everyMs }) => (cron === null) !== (everyMs === null), {
  message: "expected one of cron and everyMs",
});

const TriggerSchema = z.discriminatedUnion("reader", [
  KeysTriggerSchema,
  StreamTriggerSchema,
  CommandTriggerSchema,
  TimeTriggerSchema,
]);

/** Policy for executions that fail. */
const FailureSchema = z.strictObject({
  /**
   * `continue`: go on with the next; `abort`: stop the registration; `retry`: run it again, after
   * pauses that double, and in the end part what is at fault from the rest.
   */
  policy: z.enum(["continue", "abort", "retry"]),
  /** First pause, in milliseconds. */
  retryIntervalMs: z.int().min(1).max(DAY_MS),
  /** Longest pause, in milliseconds. */
  maxRetryIntervalMs: z.int().min(1).max(DAY_MS),
  /** Runs of the same event in all; 0: without end. */
  attempts: z.int().min(0).max(1_000_000),
  /** Dead letters that are kept; 0: none. */
  deadLetters: z.int().min(0).max(10_000_000),
});

/** Limits of the work that runs at a time. */
const FlowSchema = z.strictObject({
  /** Executions under way on a shard. */
  concurrency: z.int().min(1).max(10_000),
  /** Of them, with the same key: 1 keeps the order of its events. */
  concurrencyPerKey: z.int().min(1).max(10_000),
  /** Gives that key of a record; without it the key of the event, or the stream's. */
  orderBy: CallbackSchema.optional(),
  /** Executions that may begin in a second; null: any number. */
  ratePerSecond: z.int().min(1).max(1_000_000).nullable(),
  /** Events of a key wait until it has been quiet for so long, and only the last one fires. */
  debounceMs: z.int().min(1).max(DAY_MS).nullable(),
  /** Events whose id was there within the window do not fire. */
  dedupe: z.strictObject({ id: CallbackSchema, windowMs: z.int().min(1).max(7 * DAY_MS) })
    .nullable(),
});

const registration = z.strictObject({
  /** Version of the format. */
  version: z.literal(1),
  trigger: TriggerSchema,
  steps: StepsSchema,
  mode: z.enum(REGISTRATION_MODES),
  /** True if results of other shards come back. */
  collect: z.boolean(),
  convertToStr: z.boolean(),
  /** Number of promises of one step that may be outstanding. */
  window: z.int().min(1).max(100_000),
  failure: FailureSchema,
  flow: FlowSchema,
  /** Called once on each shard when it is registered. */
  onRegistered: CallbackSchema.optional(),
  /** Its name within its module: an upgrade hands its cursor to the one of the same name. */
  name: plainText.min(1).max(256),
  description: plainText.max(1_024).optional(),
});

/** A registration. */
export type RegistrationPlan = DeepReadonly<z.infer<typeof registration>>;
/** The cause that fires a registration. */
export type TriggerSpec = RegistrationPlan["trigger"];
/** Fires on events of keys. */
export type KeysTrigger = DeepReadonly<z.infer<typeof KeysTriggerSchema>>;
/** Fires on messages of streams. */
export type StreamTrigger = DeepReadonly<z.infer<typeof StreamTriggerSchema>>;
/** Fires on commands. */
export type CommandTrigger = DeepReadonly<z.infer<typeof CommandTriggerSchema>>;
/** Fires with the clock. Exactly one of `cron` and `everyMs` is not null. */
export type TimeTrigger = DeepReadonly<z.infer<typeof TimeTriggerSchema>>;
/** Policy for executions that fail. */
export type FailureSpec = RegistrationPlan["failure"];
/** Limits of the work that runs at a time. */
export type FlowSpec = RegistrationPlan["flow"];

/** The schema of a registration. */
export const RegistrationPlanSchema: z.ZodType<RegistrationPlan> = registration;
