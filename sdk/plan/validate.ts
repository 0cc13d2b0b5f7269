/**
 * The one validator of plans: what an isolate sends is untrusted until it has passed here.
 *
 * Runs on the trusted side; the sandbox never imports it.
 *
 * @module
 */

import { z } from "zod";
import { PinionError } from "../../errors.ts";
import type { Plan } from "./plan.ts";

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

const callback = z.discriminatedUnion("source", [
  z.strictObject({
    source: z.literal("author"),
    index: z.int().min(0).max(10_000),
    name: z.string().max(1_024),
    text: z.string().max(1_024),
  }),
  z.strictObject({ source: z.literal("builtin"), name: builtin }),
]);

const text = z.string().max(65_536);
const count = z.int().min(0);

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
    patternGenerator: callback.optional(),
  }),
  z.strictObject({ reader: z.literal("StreamReader"), key: text, fromId: z.string().max(64) }),
  z.strictObject({ reader: z.literal("GeneratorReader"), generator: callback }),
  z.strictObject({ reader: z.literal("ShardsIDReader") }),
]);

const step = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("map"), callback }),
  z.strictObject({ type: z.literal("flatmap"), callback }),
  z.strictObject({ type: z.literal("foreach"), callback }),
  z.strictObject({ type: z.literal("filter"), callback }),
  z.strictObject({ type: z.literal("limit"), length: count, start: count }),
  z.strictObject({ type: z.literal("accumulate"), callback, zero: callback.optional() }),
  z.strictObject({ type: z.literal("extractkey"), callback }),
  z.strictObject({ type: z.literal("accumulatebykey"), callback, zero: callback.optional() }),
  z.strictObject({ type: z.literal("group") }),
  z.strictObject({ type: z.literal("reduce"), callback }),
  z.strictObject({ type: z.literal("keyvalue") }),
  z.strictObject({ type: z.literal("dropkey") }),
  z.strictObject({
    type: z.literal("sort"),
    callback: callback.optional(),
    descending: z.boolean(),
  }),
  z.strictObject({ type: z.literal("distinct") }),
  z.strictObject({ type: z.literal("repartition") }),
  z.strictObject({ type: z.literal("collect") }),
]);

const plan = z.strictObject({
  version: z.literal(1),
  reader,
  steps: z.array(step).max(MAX_STEPS),
  mode: z.enum(["async", "async_local"]),
  collect: z.boolean(),
  convertToStr: z.boolean(),
  window: z.int().min(1).max(100_000),
  description: z.string().max(1_024).optional(),
});

const KEYED = new Set(["extractkey", "accumulatebykey", "group", "reduce"]);
const NEEDS_KEY = new Set(["accumulatebykey", "group", "reduce", "keyvalue", "repartition"]);

/** A plan in which every step that needs a key has one. @throws `BAD_PLAN` */
export function validatePlan(value: unknown): Plan {
  const parsed = plan.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new PinionError(
      "BAD_PLAN",
      `Cannot run the plan: ${issue.path.join(".") || "plan"}: ${issue.message}`,
    );
  }
  let keyed = false;
  for (const [index, { type }] of parsed.data.steps.entries()) {
    if (NEEDS_KEY.has(type) && !keyed) {
      throw new PinionError(
        "BAD_PLAN",
        `Cannot run the plan: step ${index} (${type}) needs a key, but no extractkey is before it`,
      );
    }
    if (KEYED.has(type)) keyed = true;
    else if (type !== "repartition" && type !== "limit" && type !== "collect") keyed = false;
  }
  return parsed.data;
}
