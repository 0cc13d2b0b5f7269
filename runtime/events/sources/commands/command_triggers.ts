/**
 * The triggers of this shard by their names.
 *
 * Source: reference 1.3, 2.6. Names are case-sensitive, and each belongs to one registration.
 *
 * @module
 */

import { PROGRAM } from "../../../../contract/text/program_name.ts";
import { PinionError } from "../../../../errors.ts";
import type { RegistrationPlan } from "../../../../contract/plan/registration.ts";
import type { PlanContext } from "../../source/source_kind.ts";
import { CallBudget } from "./call_budget.ts";
import type { CommandArgs } from "../../../../contract/api/function_call.ts";
import type { CommandSource } from "./command_source.ts";

/** Finds the registration that a trigger name calls. */
export class CommandTriggers<Reply> {
  readonly #sources = new Map<string, CommandSource<Reply>>();
  readonly #room = new CallBudget();

  /** From now on calls of its trigger go to this one, also where there was another. */
  add(source: CommandSource<Reply>): CommandSource<Reply> {
    const { trigger } = source;
    this.#sources.set(trigger, source);
    source.onForget = () => {
      if (this.#sources.get(trigger) === source) this.#sources.delete(trigger);
    };
    return source;
  }

  /**
   * Runs the trigger that is the first of `args`. @throws `NO_TRIGGER`, or why it came to nothing
   */
  call(args: CommandArgs, signal?: AbortSignal): Promise<Reply> {
    const [trigger] = args;
    const source = typeof trigger === "string" ? this.#sources.get(trigger) : undefined;
    if (source === undefined) return Promise.reject(isUnknown(trigger));
    return this.#room.use(args, () => source.call(args, signal));
  }
}

/**
 * Refuses a trigger that is taken, in the words of RedisGears 1.2.
 *
 * @throws `BAD_ARGUMENT` where a registration of another module has it, or one of the same
 */
export function requireFree(
  trigger: string,
  { others, siblings }: Pick<PlanContext, "others" | "siblings">,
): void {
  const hasIt = ({ trigger: other }: RegistrationPlan) =>
    other.reader === "CommandReader" && other.trigger === trigger;
  const where = siblings.some(hasIt) ? " in this session" : "";
  if (where === "" && !others.some(hasIt)) return;
  throw new PinionError("BAD_ARGUMENT", `trigger already registered${where}: ${trigger}`);
}

function isUnknown(trigger: string | Uint8Array): PinionError {
  const name = typeof trigger === "string"
    ? JSON.stringify(trigger.slice(0, 128))
    : "of these bytes";
  return new PinionError(
    "NO_TRIGGER",
    `There is no trigger ${name}; \`${PROGRAM} registrations\` lists what is registered`,
  );
}
