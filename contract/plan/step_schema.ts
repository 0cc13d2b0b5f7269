/**
 * The schema of steps, and which of them need a key.
 *
 * Runs on the trusted side; the sandbox never imports it.
 *
 * @module
 */

import { z } from "zod";
import { PinionError } from "../../errors.ts";
import type { Step } from "./step.ts";

/** Steps that a plan may have. */
export const MAX_STEPS = 1_000;

const builtin = z.enum([
  "identity",
  "one",
  "zero",
  "increment",
  "incrementByKey",
  "sum",
  "sumByKey",
  "averageZero",
  "averageLocal",
  "averageGlobal",
  "averageResult",
  "toNumber",
]);

/** A function by reference. */
export const CallbackSchema = z.discriminatedUnion("source", [
  z.strictObject({
    source: z.literal("author"),
    index: z.int().min(0).max(10_000),
    name: z.string().max(1_024),
    text: z.string().max(1_024),
  }),
  z.strictObject({ source: z.literal("builtin"), name: builtin }),
]);

const count = z.int().min(0);

const StepSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("map"), callback: CallbackSchema }),
  z.strictObject({ type: z.literal("flatmap"), callback: CallbackSchema }),
  z.strictObject({ type: z.literal("foreach"), callback: CallbackSchema }),
  z.strictObject({ type: z.literal("filter"), callback: CallbackSchema }),
  z.strictObject({ type: z.literal("limit"), length: count, start: count }),
  z.strictObject({
    type: z.literal("accumulate"),
    callback: CallbackSchema,
    zero: CallbackSchema.optional(),
  }),
  z.strictObject({ type: z.literal("extractkey"), callback: CallbackSchema }),
  z.strictObject({
    type: z.literal("accumulatebykey"),
    callback: CallbackSchema,
    zero: CallbackSchema.optional(),
  }),
  z.strictObject({ type: z.literal("group") }),
  z.strictObject({ type: z.literal("reduce"), callback: CallbackSchema }),
  z.strictObject({ type: z.literal("keyvalue") }),
  z.strictObject({ type: z.literal("dropkey") }),
  z.strictObject({
    type: z.literal("sort"),
    callback: CallbackSchema.optional(),
    descending: z.boolean(),
  }),
  z.strictObject({ type: z.literal("distinct") }),
  z.strictObject({ type: z.literal("repartition") }),
  z.strictObject({ type: z.literal("collect") }),
]);

/** The steps of a plan. */
export const StepsSchema = z.array(StepSchema).max(MAX_STEPS);

const KEYED = new Set(["extractkey", "accumulatebykey", "group", "reduce"]);
const NEEDS_KEY = new Set(["accumulatebykey", "group", "reduce", "keyvalue", "repartition"]);

/** @throws `BAD_PLAN` where a step that needs a key has none */
export function checkKeys(steps: readonly Step[]): void {
  let keyed = false;
  for (const [index, { type }] of steps.entries()) {
    if (NEEDS_KEY.has(type) && !keyed) {
      throw new PinionError(
        "BAD_PLAN",
        `Cannot run the plan: step ${index} (${type}) needs a key, but no extractkey is before it`,
      );
    }
    if (KEYED.has(type)) keyed = true;
    else if (type !== "repartition" && type !== "limit" && type !== "collect") keyed = false;
  }
}

/** What a schema says of a plan that does not fit. */
export function badPlan(error: z.ZodError): PinionError {
  const [issue] = error.issues;
  return new PinionError(
    "BAD_PLAN",
    `Cannot run the plan: ${issue.path.join(".") || "plan"}: ${issue.message}`,
  );
}
