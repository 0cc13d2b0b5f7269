/**
 * Limits as they are listed: `GET /v1/limits`, `limits` of the command line.
 *
 * @module
 */

import { z } from "zod";
import type { Data } from "./data.ts";

/** A row of the table of limits. */
export const LimitRow = z.object({
  /** Its name in error messages. */
  name: z.string(),
  what: z.string(),
  /** In the unit that ends the name; a number of things where none does. */
  value: z.number(),
  /** Options of the config file, such as `limits.memoryMb`, and flags; none where it is fixed. */
  setBy: z.array(z.string()),
});
/** Data of {@linkcode LimitRow}. */
export type LimitRow = Data<typeof LimitRow>;
