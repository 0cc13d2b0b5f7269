/**
 * KeysReader as a row of the table of sources.
 *
 * @module
 */

import type { KeysTrigger } from "../../../../contract/plan/registration.ts";
import { burier } from "../../dead_letters/dead_letter_sink.ts";
import { chainEnder, deathReporter } from "../../dead_letters/report_failures.ts";
import { DeadLetters } from "../../dead_letters/dead_letters.ts";
import type { SourceKind, TriggerServices } from "../../source/source_kind.ts";
import { keyCommands, requireRights } from "../user_rights.ts";
import { eventsOf } from "./event_filter.ts";
import type { KeyEventSource } from "../capture/key_event_source.ts";
import { KeysSource } from "./keys_source.ts";
import { KeyspaceNotifications } from "../capture/notifications.ts";
import { QueueRoom } from "./queue_budget.ts";

/** The row. All registrations of the shard share one source of events. */
export function createKeysKind(services: TriggerServices): SourceKind {
  const { redis, coordinator, logs } = services;
  const letters = new DeadLetters(redis);
  const events = openNotifications(services);
  const room = new QueueRoom();
  return {
    async check({ trigger }, { redisUser }) {
      const { prefix } = trigger as KeysTrigger;
      if (redisUser !== undefined) {
        await requireRights(redis.address, redisUser, { prefix, commandsOn: keyCommands });
      }
      await events.check({ prefix, events: eventsOf(trigger as KeysTrigger) });
    },
    open: ({ library, registration, runner, statistics }) =>
      new KeysSource({
        plan: registration.plan,
        title: `registration "${registration.plan.name}" of ${library}`,
        events,
        room,
        runner,
        onChain: chainEnder({ library, registration, statistics }, logs),
        onDeath: deathReporter({ library, registration, statistics }, logs),
        bury: burier({ library, registration }, letters, coordinator),
        statistics,
        log: (level, message) => void logs.add(library, level, message),
      }),
  };
}

function openNotifications(
  { redis, coordinator, logs, chains }: TriggerServices,
): KeyEventSource {
  const { client } = redis;
  const events = new KeyspaceNotifications({
    address: redis.address,
    control: { call: (command, ...args) => client.call(command, ...args) },
    chains,
    hashtag: () => coordinator.hashtag(),
    log: (level, message) => void logs.add("pinion", level, message),
  });
  // The address follows the same change: others may be told of it first.
  coordinator.onChange(() => queueMicrotask(() => events.follow()));
  return events;
}
