/**
 * Messages between the runtime and an isolate's host thread, as JSON.
 *
 * The host thread imports the types alone: the runtime is trusted, and zod would make each start of
 * a child slower.
 *
 * @module
 */

import { z } from "zod";
import type { DeepReadonly } from "../../deep_readonly.ts";
import { id, slotRange } from "../fields.ts";

const addressFields = { host: z.string(), port: z.int() };

/** Address of a Redis server. */
const ServerAddressSchema = z.strictObject(addressFields);

/** Owners of the slots. */
const SlotMapSchema = z.strictObject({
  /** Master of the own shard. */
  own: ServerAddressSchema,
  /** Each master with the first and last slot of each of its ranges. */
  masters: z.array(z.strictObject({ place: ServerAddressSchema, ranges: z.array(slotRange) })),
});

/** Comes first; comes again before the sandbox is used, with the credentials that it uses. */
const Init = z.strictObject({
  type: z.literal("init"),
  redis: z.strictObject({
    ...addressFields,
    username: z.string().optional(),
    password: z.string().optional(),
    db: id,
    tls: z.boolean(),
  }),
  /** True if the server runs in cluster mode, where MGET may not cross slots. */
  clustered: z.boolean(),
  /** Name of the connections in CLIENT LIST. */
  linkName: z.string(),
});

/** In cluster mode: who owns the slots now. */
const Slots = z.strictObject({ type: z.literal("slots"), map: SlotMapSchema });

/** The sandbox takes messages. */
const Ready = z.strictObject({ type: z.literal("ready") });

/** The worker ended by itself: an uncaught error of its thread. */
const Crashed = z.strictObject({ type: z.literal("crashed"), message: z.string() });

/** From the runtime to the host thread. */
export const ToHostSchema = z.discriminatedUnion("type", [Init, Slots]);
/** From the host thread to the runtime, which trusts no process that runs user code. */
export const FromHostSchema = z.discriminatedUnion("type", [Ready, Crashed]);

/** Address of a Redis server. */
export type ServerAddress = DeepReadonly<z.infer<typeof ServerAddressSchema>>;
/** Owners of the slots. */
export type SlotMap = DeepReadonly<z.infer<typeof SlotMapSchema>>;
/** From the runtime to the host thread. */
export type ToHost = DeepReadonly<z.infer<typeof ToHostSchema>>;
/** From the host thread to the runtime. */
export type FromHost = DeepReadonly<z.infer<typeof FromHostSchema>>;
