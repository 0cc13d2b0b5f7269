/**
 * TimeReader in the table of sources.
 *
 * @module
 */

import type { Coordinator } from "../../../../coordinator/coordinator.ts";
import { PinionError } from "../../../../errors.ts";
import type { TimeTrigger } from "../../../../contract/plan/registration.ts";
import { burier } from "../../dead_letters/dead_letter_sink.ts";
import { DeadLetters } from "../../dead_letters/dead_letters.ts";
import type { SourceKind, TriggerServices } from "../../source/source_kind.ts";
import { SYSTEM_CLOCK } from "./clock.ts";
import { makeSchedule } from "./schedule.ts";
import { TimeSource } from "./time_source.ts";

/** See the module. */
export function timeKind({ coordinator, redis }: TriggerServices): SourceKind {
  const letters = new DeadLetters(redis);
  const clock = SYSTEM_CLOCK;
  return {
    check: ({ trigger }) => void makeSchedule(trigger as TimeTrigger, clock.now()),
    open(place) {
      const { registration: { id, plan }, runner, statistics } = place;
      const trigger = plan.trigger as TimeTrigger;
      const { failure } = plan;
      return new TimeSource({
        schedule: makeSchedule(trigger, clock.now()),
        clock,
        runner,
        isOurs: () => trigger.on === "all" || owns(coordinator, id),
        failure,
        bury: burier(place, letters, coordinator),
        onSkipped: (count) => statistics.skipped(count),
      });
    },
  };
}

/** Whether this shard owns the slot of a key; where nobody is known to, it does not. */
function owns(coordinator: Coordinator, key: string): boolean {
  try {
    return coordinator.ownerOf(key) === coordinator.shardId;
  } catch (error) {
    if (error instanceof PinionError && error.code === "SHARD_LOST") return false;
    throw error;
  }
}
