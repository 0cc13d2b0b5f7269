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

/** A value with its unit, as people read it: `10 min`, `64 MiB`, `1,000`. */
export function formatLimit({ name, value }: Pick<LimitRow, "name" | "value">): string {
  if (name.endsWith("Ms")) {
    return value % 60_000 === 0 ? `${value / 60_000} min` : `${value / 1_000} s`;
  }
  if (name.endsWith("Mb")) return `${value} MiB`;
  if (name.endsWith("Bytes")) return `${Math.round(value / 2 ** 20 * 10) / 10} MiB`;
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
