/**
 * Which events a KeysReader registration fires on, from what its author wrote.
 *
 * @module
 */

import { PinionError } from "../../../../errors.ts";
import type { KeysTrigger } from "../../../../contract/plan/registration.ts";
import { eventsOfCommand } from "./command_events.ts";

/**
 * Names of the events; null for all but those that have to be named.
 *
 * @throws `BAD_PLAN` where the registration could never fire
 */
export function eventsOf(
  { eventTypes, commands }: Pick<KeysTrigger, "eventTypes" | "commands">,
): ReadonlySet<string> | null {
  const named = eventTypes === null ? null : new Set(eventTypes);
  if (named?.size === 0) throw neverFires("eventTypes is empty; leave it out for all events");
  if (commands === null || commands.length === 0) return named;
  const caused = new Set(commands.flatMap((command) => eventsOfOrThrow(command)));
  if (named === null) return caused;
  const both = caused.intersection(named);
  if (both.size > 0) return both;
  throw neverFires(
    `${listOf(commands)} cause ${listOf(caused)}, and eventTypes asks for ${listOf(named)}`,
  );
}

function eventsOfOrThrow(command: string): readonly string[] {
  const events = eventsOfCommand(command);
  if (events !== undefined) return events;
  throw neverFires(`no event is known that the command "${command}" causes`);
}

function listOf(names: Iterable<string>): string {
  return [...names].join(", ");
}

function neverFires(why: string): PinionError {
  return new PinionError(
    "BAD_PLAN",
    `Cannot register: the registration could never fire, as ${why}`,
  );
}
