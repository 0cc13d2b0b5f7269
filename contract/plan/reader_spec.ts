/**
 * Readers and their arguments as data.
 *
 * The trusted side imports the schema; the sandbox imports the types alone.
 *
 * @module
 */

import { z } from "zod";
import type { DeepReadonly } from "../deep_readonly.ts";
import { CallbackSchema } from "./step.ts";

const text = z.string().max(65_536);

/** A reader that an execution begins with. */
export const ReaderSchema = z.discriminatedUnion("reader", [
  // Scans the shard's keys and reads their values.
  z.strictObject({
    reader: z.literal("KeysReader"),
    /** Glob pattern, or one literal key if `noScan`. */
    pattern: text,
    noScan: z.boolean(),
    readValue: z.boolean(),
  }),
  // Scans the shard's keys without values.
  z.strictObject({
    reader: z.literal("KeysOnlyReader"),
    pattern: text,
    /** COUNT of each SCAN. */
    count: z.int().min(1).max(1_000_000),
    noScan: z.boolean(),
    /** Called on each shard; its `[pattern, noScan]` replaces both. */
    patternGenerator: CallbackSchema.optional(),
  }),
  // Reads the entries of one stream.
  z.strictObject({
    reader: z.literal("StreamReader"),
    key: text,
    /** Entries after this id (exclusive). */
    fromId: z.string().max(64),
  }),
  // Yields what the author's generator yields.
  z.strictObject({ reader: z.literal("GeneratorReader"), generator: CallbackSchema }),
  // One record per shard: its id.
  z.strictObject({ reader: z.literal("ShardsIDReader") }),
  // What happened: the events that a registration runs for.
  z.strictObject({ reader: z.literal("EventsReader") }),
]);

/** A reader that an execution begins with. */
export type ReaderSpec = DeepReadonly<z.infer<typeof ReaderSchema>>;

/** Reader of names of keys. */
export type KeysOnlyReaderSpec = Extract<ReaderSpec, { readonly reader: "KeysOnlyReader" }>;

/** Reader of what a function yields. */
export type GeneratorReaderSpec = Extract<ReaderSpec, { readonly reader: "GeneratorReader" }>;
