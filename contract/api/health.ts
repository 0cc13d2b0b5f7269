/**
 * Health and figures of a runtime: `/healthz`, `/readyz`, `/metrics`.
 *
 * @module
 */

import { z } from "zod";
import type { Data } from "./data.ts";

/** `GET /healthz` and `/readyz`: whether this shard can serve. */
export const Health = z.object({
  redis: z.enum(["up", "down"]),
  /** One that stands by serves when the acting runtime of its shard is gone. */
  role: z.enum(["acting", "standby"]),
  /** Server name and version, such as `redis 7.0.15`, when it was last up. */
  server: z.string().optional(),
  isolates: z.int(),
  executionsRunning: z.int(),
  uptimeMs: z.number(),
});
/** Data of {@linkcode Health}. */
export type Health = Data<typeof Health>;

/** Counters and gauges since the start, for `/metrics`. Names without the `pinion_` prefix. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly samples: readonly {
    readonly labels?: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}
