/**
 * `group`: all records of a key to one array.
 *
 * @module
 */

import type { GroupStep } from "../../../../sdk/plan/step.ts";
import { EMPTY_BATCH } from "../batch.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2 GROUP. Differs: groups come out in order of first appearance. */
export const group: StepFactory<GroupStep> = () => {
  const groups = new Map<string, unknown[]>();
  return {
    run({ records, keys }) {
      for (let index = 0; index < records.length; index++) {
        const list = groups.get(keys![index]);
        if (list === undefined) groups.set(keys![index], [records[index]]);
        else list.push(records[index]);
      }
      return EMPTY_BATCH;
    },
    flush: () => ({ records: [...groups.values()], keys: [...groups.keys()] }),
  };
};
