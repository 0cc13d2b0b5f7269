/**
 * The primitive steps that operations compile to. A step is data: what it calls is named by a
 * {@linkcode CallbackRef} that the isolate resolves.
 *
 * Source: RedisGears 1.2 operations (reference 3), whose primitive steps these are.
 * Differs: keys travel beside records instead of in wrapper records, so the steps between an
 * aggregation and its shuffle fall away; `sort` and `distinct` are steps of their own.
 *
 * @module
 */

/** Functions that every isolate knows by name. */
export type BuiltinCallback =
  | "identity"
  | "one"
  | "zero"
  | "increment"
  | "incrementByKey"
  | "sum"
  | "sumByKey"
  | "averageZero"
  | "averageLocal"
  | "averageGlobal"
  | "averageResult"
  | "toNumber";

/** A function by reference: an author's, by its place in the plan's list, or a built-in one. */
export type CallbackRef =
  | {
    readonly source: "author";
    /** Place in the plan's list of callbacks. */
    readonly index: number;
    /** Name of the function, "" if it has none. */
    readonly name: string;
    /** The function's source, its end hashed where it is long; part of the fingerprint. */
    readonly text: string;
  }
  | { readonly source: "builtin"; readonly name: BuiltinCallback };

/** Record to record. */
export interface MapStep {
  readonly type: "map";
  readonly callback: CallbackRef;
}
/** Record to any number of records: an array is opened, anything else passes as one. */
export interface FlatMapStep {
  readonly type: "flatmap";
  readonly callback: CallbackRef;
}
/** Calls for the effect; the record passes. */
export interface ForEachStep {
  readonly type: "foreach";
  readonly callback: CallbackRef;
}
/** Lets records pass for which the callback is truthy. */
export interface FilterStep {
  readonly type: "filter";
  readonly callback: CallbackRef;
}
/** Lets records `start` to `start + length - 1` of this shard pass. */
export interface LimitStep {
  readonly type: "limit";
  readonly length: number;
  readonly start: number;
}
/** All records of this shard to one: `callback(accumulator, record)`. */
export interface AccumulateStep {
  readonly type: "accumulate";
  readonly callback: CallbackRef;
  /** Makes the first accumulator; without it, it is undefined. */
  readonly zero?: CallbackRef;
}
/** Gives each record a key. */
export interface ExtractKeyStep {
  readonly type: "extractkey";
  readonly callback: CallbackRef;
}
/** All records of a key to one: `callback(key, accumulator, record)`. Keys stay beside records. */
export interface AccumulateByKeyStep {
  readonly type: "accumulatebykey";
  readonly callback: CallbackRef;
  readonly zero?: CallbackRef;
}
/** All records of a key to one array. */
export interface GroupStep {
  readonly type: "group";
}
/** `callback(key, records)` for each group. */
export interface ReduceStep {
  readonly type: "reduce";
  readonly callback: CallbackRef;
}
/** Key and record to `{ key, value }`. */
export interface KeyValueStep {
  readonly type: "keyvalue";
}
/** Forgets keys. */
export interface DropKeyStep {
  readonly type: "dropkey";
}
/** Sorts all records of this shard. */
export interface SortStep {
  readonly type: "sort";
  /** `callback(a, b)`; without it, the natural order. */
  readonly callback?: CallbackRef;
  readonly descending: boolean;
}
/** Lets the first of equal records pass. */
export interface DistinctStep {
  readonly type: "distinct";
}
/** Moves each record to the shard that owns its key. A shuffle: a stage ends here. */
export interface RepartitionStep {
  readonly type: "repartition";
}
/** Moves all records to the initiator. A shuffle: a stage ends here. */
export interface CollectStep {
  readonly type: "collect";
}

/** One primitive step. */
export type Step =
  | MapStep
  | FlatMapStep
  | ForEachStep
  | FilterStep
  | LimitStep
  | AccumulateStep
  | ExtractKeyStep
  | AccumulateByKeyStep
  | GroupStep
  | ReduceStep
  | KeyValueStep
  | DropKeyStep
  | SortStep
  | DistinctStep
  | RepartitionStep
  | CollectStep;

/** The tag of a {@linkcode Step}. */
export type StepType = Step["type"];

/** Whether records may leave the shard at this step. */
export function isShuffle(step: Step): step is RepartitionStep | CollectStep {
  return step.type === "repartition" || step.type === "collect";
}
