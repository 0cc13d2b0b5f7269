/**
 * `distinct`: each different record once.
 *
 * @module
 */

import { contentText } from "../../../sdk/base/content_text.ts";
import type { StepOf } from "../../../contract/plan/step.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2 `distinct`. Differs: objects are compared by content. */
export const distinct: StepFactory<StepOf<"distinct">> = (_step, context) => {
  const values = new Set<unknown>();
  const contents = new Set<string>();
  const isNew = (record: unknown) => {
    if (typeof record !== "object" || record === null) return addNew(values, record);
    try {
      return addNew(contents, contentText(record));
    } catch (error) {
      context.fail(error);
      return false;
    }
  };
  return { run: ({ records }) => ({ records: records.filter(isNew), keys: null }) };
};

function addNew<T>(seen: Set<T>, value: T): boolean {
  const before = seen.size;
  return seen.add(value).size > before;
}
