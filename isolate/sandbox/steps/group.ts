/**
 * `group`: all records of a key to one array.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import { EMPTY_BATCH } from "../base/batch.ts";
import { KeyTable } from "./key_table.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2 GROUP. Differs: groups come out in order of first appearance. */
export const group: StepFactory<StepOf<"group">> = () => {
  const groups = new KeyTable<unknown[] | null>(null);
  return {
    run({ records, keys }) {
      for (let index = 0; index < records.length; index++) {
        const entry = groups.entry(keys![index]);
        if (entry.value === null) entry.value = [records[index]];
        else entry.value.push(records[index]);
      }
      return EMPTY_BATCH;
    },
    flush: () => ({
      records: groups.entries.map(({ value }) => value),
      keys: groups.entries.map(({ key }) => key),
    }),
  };
};
