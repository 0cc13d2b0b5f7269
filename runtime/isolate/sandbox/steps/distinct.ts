/**
 * `distinct`: each different record once.
 *
 * @module
 */

import type { DistinctStep } from "../../../../sdk/plan/step.ts";
import type { StepFactory } from "./step_runner.ts";

/** Source: RedisGears 1.2 `distinct`. Differs: objects are compared by content. */
export const distinct: StepFactory<DistinctStep> = () => {
  const seen = new Set<unknown>();
  const isNew = (record: unknown) => {
    const identity = typeof record === "object" && record !== null
      ? `\u0000${contentText(record)}`
      : record;
    const before = seen.size;
    return seen.add(identity).size > before;
  };
  return { run: ({ records }) => ({ records: records.filter(isNew), keys: null }) };
};

/** Equal for values of equal content, whatever the order of their fields. */
function contentText(value: unknown): string {
  return JSON.stringify(value, (_name, field) => {
    if (typeof field === "bigint") return `${field}n`;
    if (field instanceof Map) return { map: [...field] };
    if (field instanceof Set) return { set: [...field] };
    if (typeof field !== "object" || field === null || Array.isArray(field)) return field;
    return Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
