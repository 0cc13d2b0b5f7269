/**
 * Marks of what executions of events write, by which loops of registrations are found.
 *
 * The sandbox imports the types alone.
 *
 * @module
 */

import { z } from "zod";
import type { DeepReadonly } from "../../deep_readonly.ts";
import { id } from "../fields.ts";

/** Keys that one command may name. */
const MAX_KEYS = 1_000_000;
/** Name of a key that is told. */
const keyText = z.string().max(65_536);

/** Keys that registrations wait for: all that begin with a text, or one. */
const ListenPatternSchema = z.strictObject({ text: z.string(), isPrefix: z.boolean() });

/** Keys that the registrations of this shard wait for, sorted. */
const Listens = z.strictObject({
  type: z.literal("listens"),
  patterns: z.array(ListenPatternSchema),
});

/** Asks to say when all that was said before has been sent. */
const Sync = z.strictObject({ type: z.literal("sync") });

/** Answers each `sync`, in order. */
const Synced = z.strictObject({ type: z.literal("synced") });

/**
 * Keys that an execution of an event at depth `depth - 1` is about to write, from a sandbox that
 * may not publish marks.
 */
const Wrote = z.strictObject({
  type: z.literal("wrote"),
  depth: id,
  keys: z.array(keyText).max(MAX_KEYS),
});

/** An execution of an event is about to add an entry to a stream. */
const Adding = z.strictObject({ type: z.literal("adding"), key: keyText });

/** The write of `adding` is done, or has failed; in the order of `adding`. */
const Added = z.strictObject({
  type: z.literal("added"),
  key: keyText,
  id: z.string().max(64).nullable(),
  depth: id,
});

/** From the runtime to the sandbox. */
export const CHAIN_TO_SANDBOX = [Listens, Sync] as const;
/** From the sandbox to the runtime. */
export const CHAIN_FROM_SANDBOX = [Wrote, Adding, Added, Synced] as const;

/** Keys that registrations wait for. */
export type ListenPattern = DeepReadonly<z.infer<typeof ListenPatternSchema>>;
/** Keys that are about to be written. */
export type WroteMessage = DeepReadonly<z.infer<typeof Wrote>>;
/** An entry is about to be added to a stream. */
export type AddingMessage = DeepReadonly<z.infer<typeof Adding>>;
/** An entry has been added, or not. */
export type AddedMessage = DeepReadonly<z.infer<typeof Added>>;
