/**
 * The primitive steps that operations compile to. A step is data: what it calls is named by a
 * {@linkcode CallbackRef} that the isolate resolves.
 *
 * The trusted side imports the schemas; the sdk and the sandbox import the types alone.
 *
 * Source: RedisGears 1.2 operations (reference 3), whose primitive steps these are.
 * Differs: keys travel beside records instead of in wrapper records, so the steps between an
 * aggregation and its shuffle fall away; `sort` and `distinct` are steps of their own.
 *
 * @module
 */

import { z } from "zod";
import type { DeepReadonly } from "../deep_readonly.ts";
import { BUILTIN_CALLBACKS } from "./vocabulary.ts";

/** Steps that a plan may have. */
export const MAX_STEPS = 1_000;

/** A function by reference: an author's, by its index in the plan's list, or a built-in one. */
export const CallbackSchema = z.discriminatedUnion("source", [
  z.strictObject({
    source: z.literal("author"),
    /** Index in the plan's list of callbacks. */
    index: z.int().min(0).max(10_000),
    /** Name of the function, "" if it has none. */
    name: z.string().max(1_024),
    /** The function's source, its end hashed where it is long; part of the fingerprint. */
    text: z.string().max(1_024),
  }),
  z.strictObject({ source: z.literal("builtin"), name: z.enum(BUILTIN_CALLBACKS) }),
]);

/** A function by reference. */
export type CallbackRef = DeepReadonly<z.infer<typeof CallbackSchema>>;

const callback = CallbackSchema;
const count = z.int().min(0);

const StepSchema = z.discriminatedUnion("type", [
  // Record to record.
  z.strictObject({ type: z.literal("map"), callback }),
  // Record to any number of records: an array is opened, anything else passes as one.
  z.strictObject({ type: z.literal("flatmap"), callback }),
  // Calls for the effect; the record passes.
  z.strictObject({ type: z.literal("foreach"), callback }),
  // Lets records pass for which the callback is truthy.
  z.strictObject({ type: z.literal("filter"), callback }),
  // Lets records `start` to `start + length - 1` of this shard pass.
  z.strictObject({ type: z.literal("limit"), length: count, start: count }),
  // All records of this shard to one: `callback(accumulator, record)`. `zero` makes the first
  // accumulator; without it, it is undefined.
  z.strictObject({ type: z.literal("accumulate"), callback, zero: callback.optional() }),
  // Gives each record a key.
  z.strictObject({ type: z.literal("extractkey"), callback }),
  // All records of a key to one: `callback(key, accumulator, record)`. Keys stay beside records.
  z.strictObject({ type: z.literal("accumulatebykey"), callback, zero: callback.optional() }),
  // All records of a key to one array.
  z.strictObject({ type: z.literal("group") }),
  // `callback(key, records)` for each group.
  z.strictObject({ type: z.literal("reduce"), callback }),
  // Key and record to `{ key, value }`.
  z.strictObject({ type: z.literal("keyvalue") }),
  // Forgets keys.
  z.strictObject({ type: z.literal("dropkey") }),
  // Sorts all records of this shard by `callback(a, b)`; without it, in the natural order.
  z.strictObject({
    type: z.literal("sort"),
    callback: callback.optional(),
    descending: z.boolean(),
  }),
  // Lets the first of equal records pass.
  z.strictObject({ type: z.literal("distinct") }),
  // Moves each record to the shard that owns its key. A shuffle: a stage ends here.
  z.strictObject({ type: z.literal("repartition") }),
  // Moves all records to the initiator. A shuffle: a stage ends here.
  z.strictObject({ type: z.literal("collect") }),
]);

/** One primitive step. */
export type Step = DeepReadonly<z.infer<typeof StepSchema>>;

/** The tag of a {@linkcode Step}. */
export type StepType = Step["type"];

/** The step of one tag. */
export type StepOf<Type extends StepType> = Extract<Step, { readonly type: Type }>;

/** The steps of a plan. */
export const StepsSchema = z.array(StepSchema).max(MAX_STEPS);
