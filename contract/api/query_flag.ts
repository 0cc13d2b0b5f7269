/**
 * Flags in the query of a URL.
 *
 * @module
 */

import { z } from "zod";

/** A flag of a query: there, `1` or `true`; `0` or `false` is as if it were not. */
export const QueryFlag = z.enum(["", "1", "true", "0", "false"])
  .optional()
  .transform((text) => text !== undefined && text !== "0" && text !== "false");
