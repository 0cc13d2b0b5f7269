/**
 * `keyvalue`: key and record to `{ key, value }`.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2, the MAP at the end of the grouping operations. */
export const keyValue: StepFactory<StepOf<"keyvalue">> = () => ({
  run: ({ records, keys }) => ({
    records: records.map((value, index) => ({ key: keys![index], value })),
    keys: null,
  }),
});
