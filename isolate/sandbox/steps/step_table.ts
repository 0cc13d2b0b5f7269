/**
 * The table of steps.
 *
 * @module
 */

import type { Step, StepType } from "../../../contract/plan/step.ts";
import { accumulate } from "./accumulate.ts";
import { accumulateByKey } from "./accumulate_by_key.ts";
import { distinct } from "./distinct.ts";
import { dropKey } from "./drop_key.ts";
import { extractKey } from "./extract_key.ts";
import { filter } from "./filter.ts";
import { flatMap } from "./flat_map.ts";
import { forEach } from "./for_each.ts";
import { group } from "./group.ts";
import { keyValue } from "./key_value.ts";
import { limit } from "./limit.ts";
import { map } from "./map.ts";
import { passThrough } from "./pass_through.ts";
import { reduce } from "./reduce.ts";
import { sort } from "./sort.ts";
import type { StepContext, StepFactory, StepRunner } from "./step_runner.ts";

const FACTORIES: { readonly [Type in StepType]: StepFactory<Extract<Step, { type: Type }>> } = {
  map,
  flatmap: flatMap,
  foreach: forEach,
  filter,
  limit,
  accumulate,
  extractkey: extractKey,
  accumulatebykey: accumulateByKey,
  group,
  reduce,
  keyvalue: keyValue,
  dropkey: dropKey,
  sort,
  distinct,
  repartition: passThrough,
  collect: passThrough,
};

/** The runner of `step`. */
export function makeStepRunner(step: Step, context: StepContext): StepRunner {
  const factory = FACTORIES[step.type] as StepFactory<Step>;
  return factory(step, context);
}
