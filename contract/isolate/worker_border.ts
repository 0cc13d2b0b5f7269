/**
 * Messages inside the child, between its host thread and the sandbox's worker: by `postMessage`,
 * bytes transferred.
 *
 * Both threads import the types alone: zod's small build would make a child's start 5 ms of CPU
 * time longer, which is a tenth. The host thread checks what the worker posts by
 * `check_worker_message.ts`, and a test holds that to these schemas.
 *
 * @module
 */

import { z } from "zod";
import type { DeepReadonly } from "../deep_readonly.ts";
import { bytes, id, ownBytes, slotRange } from "./fields.ts";

/**
 * Twice the number of a server, for `execute`; one more for the link that one `atomic` block with
 * watched keys at a time holds. Server 0 is the one that the session began with, others are those
 * of the `slots` message.
 */
const LinkNumberSchema = id;

/** Types that a page's segment may have; `keys` are keys without values. */
const SegmentTypeSchema = z.enum([
  "keys",
  "string",
  "list",
  "hash",
  "set",
  "zset",
  "stream",
  "module",
  "empty",
  "entries",
]);

/** Keys of one type with their values, as raw RESP. */
const PageSegmentSchema = z.strictObject({
  type: SegmentTypeSchema,
  count: id,
  /** `count` bulk strings, one after the other. */
  keys: ownBytes,
  /** `count` replies in the order of the keys; for `string`, one array that holds them. */
  values: ownBytes.nullable(),
  /** Index of each of the keys among those that were asked for; absent where in the same order. */
  places: z.array(id).optional(),
});

/** Keys that match a pattern, or the one that is named. */
const KeysRequest = z.strictObject({
  kind: z.literal("keys"),
  pattern: z.string(),
  count: z.int().min(1),
  noScan: z.boolean(),
  readValue: z.boolean(),
  /** `noScan` of a key that is not there: an `empty` record, or none. */
  emptyRecord: z.boolean(),
  /** In a run over a cluster: the slots that this shard answers for, also if they move away. */
  slots: z.array(slotRange).optional(),
});

/** Entries of a stream after an id. */
const StreamRequest = z.strictObject({
  kind: z.literal("stream"),
  key: z.string(),
  fromId: z.string(),
});

/** A request of a reader to the host thread: a reader spec without callbacks. */
const ReadRequestSchema = z.discriminatedUnion("kind", [KeysRequest, StreamRequest]);

/** Messages for the runtime, which the host thread passes on unread. */
const Up = z.strictObject({ type: z.literal("up"), bytes });

/** Encoded commands for one of the session's links, as it was before it broke for the next time. */
const Commands = z.strictObject({
  type: z.literal("commands"),
  link: LinkNumberSchema,
  generation: id,
  bytes,
});

/** From the worker to the host thread. */
export const ToHostThreadSchema = z.discriminatedUnion("type", [
  // The worker compiles the sandbox; the host thread's first look at a message falls into that.
  z.strictObject({ type: z.literal("booted") }),
  z.strictObject({ type: z.literal("ready") }),
  // The sandbox cannot speak to the runtime any more.
  z.strictObject({ type: z.literal("broken") }),
  Up,
  Commands,
  z.strictObject({ type: z.literal("open"), id, request: ReadRequestSchema }),
  // Keys of events, `count` bulk strings: their types, and their values where wanted.
  z.strictObject({
    type: z.literal("readKeys"),
    id,
    keys: ownBytes,
    count: id,
    readValue: z.boolean(),
  }),
  // The reader may send one page more.
  z.strictObject({ type: z.literal("credit"), id }),
  z.strictObject({ type: z.literal("close"), id }),
]);

/** Which server owns which slots, by the numbers of the servers. */
const OwnedSlotsSchema = z.strictObject({
  /** Master of the own shard. */
  own: id,
  /** `HOST:PORT` by number; a number is for the same server for good. */
  servers: z.array(z.string()),
  /** First and last slot, and the server. */
  ranges: z.array(z.tuple([id, id, id])),
});

/** From the host thread to the worker. */
export const ToWorkerThreadSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("down"), bytes }),
  // Raw bytes of replies, as they came.
  z.strictObject({ type: z.literal("replies"), link: LinkNumberSchema, bytes }),
  z.strictObject({ type: z.literal("slots"), slots: OwnedSlotsSchema }),
  // The link broke: every command without a reply has failed.
  z.strictObject({ type: z.literal("linkDown"), link: LinkNumberSchema, message: z.string() }),
  z.strictObject({
    type: z.literal("page"),
    id,
    segments: z.array(PageSegmentSchema),
    /** Keys that have been looked at so far: an estimate. */
    scanned: id,
    /** Keys that there are: an estimate. */
    expected: id,
  }),
  z.strictObject({ type: z.literal("end"), id, error: z.string().optional() }),
  // Those that are there of the keys that were asked for, without their names; or why none.
  z.strictObject({
    type: z.literal("keysRead"),
    id,
    segments: z.array(PageSegmentSchema),
    error: z.string().optional(),
  }),
]);

/** Types that a page's segment may have. */
export type SegmentType = z.infer<typeof SegmentTypeSchema>;
/** Keys of one type with their values. */
export type PageSegment = DeepReadonly<z.infer<typeof PageSegmentSchema>>;
/** A request of a reader to the host thread. */
export type ReadRequest = DeepReadonly<z.infer<typeof ReadRequestSchema>>;
/** From the worker to the host thread. */
export type ToHostThread = DeepReadonly<z.infer<typeof ToHostThreadSchema>>;
/** From the host thread to the worker. */
export type ToWorkerThread = DeepReadonly<z.infer<typeof ToWorkerThreadSchema>>;
/** Number of a session's link. */
export type LinkNumber = z.infer<typeof LinkNumberSchema>;
/** Which server owns which slots. */
export type OwnedSlots = DeepReadonly<z.infer<typeof OwnedSlotsSchema>>;
