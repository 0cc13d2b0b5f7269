/**
 * Sessions as RG.DUMPSESSIONS and `GET /v1/sessions` show them.
 *
 * @module
 */

import { z } from "zod";
import type { Data } from "./data.ts";

/** A line of `GET /v1/sessions`. */
export const SessionInfo = z.object({
  id: z.string(),
  description: z.string().optional(),
  /** Executions and registrations that hold it. */
  refCount: z.int(),
  /** True once it was replaced or undeployed but something still runs in it. */
  dead: z.boolean(),
  registrations: z.array(z.string()),
  /** Name of the library, if it is deployed. */
  library: z.string().optional(),
});
/** Data of {@linkcode SessionInfo}. */
export type SessionInfo = Data<typeof SessionInfo>;
