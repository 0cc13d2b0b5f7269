/**
 * The one validator of plans and registrations: what an isolate sends is untrusted until it has
 * passed here, and so is what comes from other shards and from Redis.
 *
 * Runs on the trusted side; the sandbox never imports it.
 *
 * @module
 */

import type { z } from "zod";
import { PinionError } from "../../errors.ts";
import { type Plan, PlanSchema } from "./plan.ts";
import { type RegistrationPlan, RegistrationPlanSchema } from "./registration.ts";
import type { Step } from "./step.ts";

const KEYED = new Set(["extractkey", "accumulatebykey", "group", "reduce"]);
const NEEDS_KEY = new Set(["accumulatebykey", "group", "reduce", "keyvalue", "repartition"]);

/** A plan in which every step that needs a key has one. @throws `BAD_PLAN` */
export function validatePlan(value: unknown): Plan {
  return check(PlanSchema, value);
}

/** A registration in which every step that needs a key has one. @throws `BAD_PLAN` */
export function validateRegistration(value: unknown): RegistrationPlan {
  return check(RegistrationPlanSchema, value);
}

function check<Checked extends { steps: readonly Step[] }>(
  schema: z.ZodType<Checked>,
  value: unknown,
): Checked {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw toBadPlan(parsed.error);
  checkKeys(parsed.data.steps);
  return parsed.data;
}

function checkKeys(steps: readonly Step[]): void {
  let keyed = false;
  for (const [index, { type }] of steps.entries()) {
    if (NEEDS_KEY.has(type) && !keyed) {
      throw new PinionError(
        "BAD_PLAN",
        `Cannot run the plan: step ${index} (${type}) needs a key, but no extractkey is before it`,
      );
    }
    if (KEYED.has(type)) keyed = true;
    else if (type !== "repartition" && type !== "limit" && type !== "collect") keyed = false;
  }
}

function toBadPlan(error: z.ZodError): PinionError {
  const [issue] = error.issues;
  return new PinionError(
    "BAD_PLAN",
    `Cannot run the plan: ${issue.path.join(".") || "plan"}: ${issue.message}`,
  );
}
