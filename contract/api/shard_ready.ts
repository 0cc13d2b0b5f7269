/**
 * The addresses of a shard that serves: the ready line of `start --json`.
 *
 * @module
 */

import { z } from "zod";
import type { Data } from "./data.ts";

/** Addresses of a shard. */
export const ShardReady = z.object({
  /** URL without its password. */
  redis: z.string(),
  /** `HOST:PORT` */
  resp: z.string(),
  http: z.string(),
  /** `HOST:PORT`; null where the Redis is no cluster. */
  mesh: z.string().nullable(),
  pid: z.int(),
});
/** Data of {@linkcode ShardReady}. */
export type ShardReady = Data<typeof ShardReady>;

/** The line itself. */
export const ReadyLine = ShardReady.extend({ ready: z.literal(true) });
/** Data of {@linkcode ReadyLine}. */
export type ReadyLine = Data<typeof ReadyLine>;
