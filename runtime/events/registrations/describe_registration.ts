/**
 * The state of a registration on one shard, for people and clients.
 *
 * @module
 */

import type {
  RegistrationInfo,
  RegistrationStatus,
  StoredRegistration,
} from "../../../contract/api/registration_info.ts";
import type { RegistrationStatistics } from "../source/statistics.ts";
import type { PauseState } from "./registration_store.ts";
import type { SourceControl } from "./source_control.ts";

/** State that is described. */
export interface RegistrationState {
  readonly library: string;
  readonly stored: StoredRegistration;
  readonly control: SourceControl;
  readonly statistics: RegistrationStatistics;
  readonly isActing: boolean;
  readonly pause: PauseState | null;
  /** Reason why it could not be started, or why its library could not take its last events. */
  readonly problem: string | null;
}

/** Describes a registration. */
export function describeRegistration(state: RegistrationState): RegistrationInfo {
  const { stored: { id, plan }, control: { source }, problem } = state;
  const { hindrance, backlog, description } = source;
  const reason = state.isActing
    ? hindrance?.reason ?? problem ?? undefined
    : "this runtime does not act for its shard now";
  return {
    id,
    library: state.library,
    name: plan.name,
    ...(plan.description !== undefined && { description: plan.description }),
    mode: plan.mode,
    trigger: plan.trigger,
    failure: plan.failure,
    status: statusOf(state),
    ...(reason !== undefined && { reason }),
    backlog,
    source: description,
    ...state.statistics.figures,
  };
}

function statusOf({ control, pause, problem }: RegistrationState): RegistrationStatus {
  if (pause !== null) {
    return pause === "DRAINING" && control.isDraining ? "DRAINING" : "PAUSED";
  }
  const unblocked = problem === null ? "OK" : "WAITING_FOR_RETRY_ON_FAILURE";
  return control.source.hindrance?.status ?? unblocked;
}
