/**
 * The steps of an execution with their figures, for RG.GETEXECUTION.
 *
 * @module
 */

import type { StepInfo } from "../../../contract/api/execution_info.ts";
import type { ExecutionFigures } from "../../../contract/isolate/messages/execution_messages.ts";
import type { CallbackRef, Step } from "../../../contract/plan/step.ts";

/** Describes the steps of a plan. @param figures None before the first report. */
export function describeSteps(
  steps: readonly Step[],
  figures: ExecutionFigures | null,
): StepInfo[] {
  return steps.map((step, index) => describeStep(step, figures?.steps[index]));
}

function describeStep(
  step: Step,
  figures: ExecutionFigures["steps"][number] | undefined,
): StepInfo {
  const callback: CallbackRef | undefined = "callback" in step ? step.callback : undefined;
  return {
    type: step.type === "keyvalue" || step.type === "dropkey" ? "map" : step.type,
    durationMs: figures?.durationMs ?? 0,
    name: callback?.name || step.type,
    arg: callback?.source === "author" ? callback.text : "",
    recordsIn: figures?.recordsIn ?? 0,
    recordsOut: figures?.recordsOut ?? 0,
  };
}
