/**
 * The fingerprint of a plan, or of a registration: equal on two shards if and only if both loaded the
 * same pipeline.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Plan } from "./plan.ts";
import type { RegistrationPlan } from "./registration.ts";

/** Hex SHA-256 of the plan's canonical text (object keys sorted). */
export function fingerprintPlan(plan: Plan | RegistrationPlan): string {
  return createHash("sha256").update(canonicalText(plan)).digest("hex");
}

/** Text that is equal for equal data, whatever the order of fields. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalText(field)}`);
  return `{${entries.join(",")}}`;
}
