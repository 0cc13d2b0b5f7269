/**
 * Makes dead letters of events that a registration gives up.
 *
 * @module
 */

import type { Coordinator } from "../../../coordinator/coordinator.ts";
import type { DeadLetters } from "./dead_letters.ts";
import type { PolicyPlace } from "../delivery/policy_runner.ts";
import type { SourcePlace } from "../source/source_kind.ts";

/** Keeps events of a registration that it gives up. */
export function burier(
  { library, registration }: Pick<SourcePlace, "library" | "registration">,
  letters: DeadLetters,
  coordinator: Coordinator,
): PolicyPlace["bury"] {
  const { name, failure } = registration.plan;
  return async ({ key, eventId, payload }, { error, attempts }) => {
    if (failure.deadLetters === 0) return;
    const { shardId } = coordinator;
    const letter = { key, eventId, payload, error, attempts, shardId };
    await letters.add({ library, registration: name }, letter, failure.deadLetters);
  };
}
