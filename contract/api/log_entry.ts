/**
 * Lines of the log: `GET /v1/logs`.
 *
 * @module
 */

import { z } from "zod";
import type { Data } from "./data.ts";

/** A line that user code logged or printed. */
export const LogLine = z.object({
  /** Milliseconds since 1970. */
  time: z.number(),
  level: z.enum(["debug", "verbose", "notice", "warning"]),
  message: z.string(),
});
/** Data of {@linkcode LogLine}. */
export type LogLine = Data<typeof LogLine>;
