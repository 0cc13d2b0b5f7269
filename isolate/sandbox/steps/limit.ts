/**
 * `limit`: a slice of this shard's records.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2 LIMIT. */
export const limit: StepFactory<StepOf<"limit">> = ({ start, length }) => {
  const end = start + length;
  let seen = 0;
  return {
    get remaining() {
      return Math.max(0, end - seen);
    },
    run({ records, keys }) {
      const from = Math.max(0, start - seen);
      const to = Math.max(from, Math.min(records.length, end - seen));
      seen += records.length;
      return { records: records.slice(from, to), keys: keys?.slice(from, to) ?? null };
    },
  };
};
