/**
 * The type of what a schema checks, as those who only read it see it.
 *
 * @module
 */

import type { z } from "zod";
import type { DeepReadonly } from "../deep_readonly.ts";

/** Data that passes a schema of this room. */
export type Data<Schema extends z.ZodType> = DeepReadonly<z.infer<Schema>>;
