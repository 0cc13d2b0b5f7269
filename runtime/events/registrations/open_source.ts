/**
 * Opens the source of a registration with the runner of its events.
 *
 * @module
 */

import type { StoredRegistration } from "../../../contract/api/registration_info.ts";
import { isDistributed, isGathering } from "../../../contract/plan/event_plan.ts";
import { canonicalText } from "../../../contract/plan/fingerprint.ts";
import { ClusterRunner } from "../delivery/cluster_runner.ts";
import { LibraryRunner } from "../delivery/library_runner.ts";
import type { RecentExecutions } from "../delivery/recent_executions.ts";
import type { SuspectGate } from "../delivery/suspect_gate.ts";
import type { EventRunner, EventSource } from "../source/event_source.ts";
import type { ServingLibrary, ServingModule } from "../source/serving.ts";
import type { SourceTable } from "../source/source_kind.ts";
import type { RegistrationStatistics } from "../source/statistics.ts";

/** Parts that a source and its runner are made of. */
export interface OpenSourceDeps {
  readonly sources: SourceTable;
  readonly gate: SuspectGate;
  readonly kept: RecentExecutions;
  readonly statistics: RegistrationStatistics;
  readonly isClustered: () => boolean;
  /** The session that serves, for calls. */
  readonly serve: () => ServingModule | Promise<ServingModule>;
  /** The session that serves, for events. */
  readonly serveEvents: () => Promise<ServingModule>;
}

/** A source and the runner that it delivers to. */
export interface OpenSource {
  readonly source: EventSource;
  readonly runner: EventRunner;
}

/** Opens a source that does not take events yet. */
export function openSource(
  { name: library, redisUser }: ServingLibrary,
  registration: StoredRegistration,
  deps: OpenSourceDeps,
): OpenSource {
  const { plan } = registration;
  const { gate, isClustered, kept, serve, sources, statistics } = deps;
  const local = new LibraryRunner({ serve: deps.serveEvents, gate, observer: statistics });
  const runner = isDistributed(plan)
    ? new ClusterRunner({ plan, local, isClustered, observer: statistics, kept })
    : local;
  const kind = sources[plan.trigger.reader];
  return {
    source: kind.open({ library, redisUser, registration, runner, serve, statistics }),
    runner,
  };
}

/** Describes everything that a source and its runner depend on: equal texts, equal sources. */
export function describeSource(
  { name: library, redisUser }: ServingLibrary,
  { plan }: StoredRegistration,
): string {
  const { trigger, failure, flow, mode, name, convertToStr, steps } = plan;
  const way = [isDistributed(plan), isGathering(steps), convertToStr];
  const user = redisUser?.username ?? null;
  return canonicalText({ library, user, name, trigger, failure, flow, mode, way });
}
