/**
 * The one validator of plans: what an isolate sends is untrusted until it has passed here.
 *
 * Runs on the trusted side; the sandbox never imports it.
 *
 * @module
 */

import { z } from "zod";
import type { Plan } from "./plan.ts";
import { badPlan, CallbackSchema, checkKeys, StepsSchema } from "./step_schema.ts";

const text = z.string().max(65_536);

const reader = z.discriminatedUnion("reader", [
  z.strictObject({
    reader: z.literal("KeysReader"),
    pattern: text,
    noScan: z.boolean(),
    readValue: z.boolean(),
  }),
  z.strictObject({
    reader: z.literal("KeysOnlyReader"),
    pattern: text,
    count: z.int().min(1).max(1_000_000),
    noScan: z.boolean(),
    patternGenerator: CallbackSchema.optional(),
  }),
  z.strictObject({ reader: z.literal("StreamReader"), key: text, fromId: z.string().max(64) }),
  z.strictObject({ reader: z.literal("GeneratorReader"), generator: CallbackSchema }),
  z.strictObject({ reader: z.literal("ShardsIDReader") }),
  z.strictObject({ reader: z.literal("EventsReader") }),
]);

const plan = z.strictObject({
  version: z.literal(1),
  reader,
  steps: StepsSchema,
  mode: z.enum(["async", "async_local"]),
  collect: z.boolean(),
  convertToStr: z.boolean(),
  window: z.int().min(1).max(100_000),
  description: z.string().max(1_024).optional(),
});

/** A plan in which every step that needs a key has one. @throws `BAD_PLAN` */
export function validatePlan(value: unknown): Plan {
  const parsed = plan.safeParse(value);
  if (!parsed.success) throw badPlan(parsed.error);
  checkKeys(parsed.data.steps);
  return parsed.data;
}
