/**
 * `extractkey`: gives each record a key.
 *
 * @module
 */

import type { StepOf } from "../../../contract/plan/step.ts";
import { isPromise, toKeyText } from "../base/batch.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2 EXTRACTKEY: the extractor may not be async. */
export const extractKey: StepFactory<StepOf<"extractkey">> = (step, context) => {
  const callback = context.callback(step.callback);
  return {
    run({ records }) {
      const keys: string[] = [];
      let failed: Set<number> | undefined;
      for (let index = 0; index < records.length; index++) {
        try {
          const key = callback(records[index]);
          if (typeof key === "string") keys.push(key);
          else if (isPromise(key)) {
            Promise.resolve(key).catch(() => {});
            throw new TypeError("coroutine are not allow on extractor: use map() before it");
          } else keys.push(toKeyText(key));
        } catch (error) {
          context.fail(error);
          (failed ??= new Set()).add(index);
        }
      }
      if (failed === undefined) return { records, keys };
      return { records: records.filter((_record, index) => !failed.has(index)), keys };
    },
  };
};
