/**
 * `CommandReader` in `register()`: fires on RG.TRIGGER, RG.TRIGGERONKEY and
 * `POST /v1/triggers/{trigger}`.
 *
 * @module
 */

import { PlanError } from "../base/gears_error.ts";
import { describe } from "../operations/operation.ts";
import type { CommandTrigger } from "../../contract/plan/registration.ts";
import { requirePlain, type Trigger } from "./event_reader.ts";

/**
 * Options of `register()` for a CommandReader.
 *
 * Source: RedisGears 1.2 (reference 2.6).
 * Differs: hooks of existing commands are not there yet, and are refused.
 */
export interface CommandRegisterOptions {
  /** The name that RG.TRIGGER calls; case-sensitive. */
  readonly trigger: string;
  /** One execution after the other, in the order of arrival. Default false. */
  readonly inorder?: boolean;
  /** Executions at a time on a shard. Default 1,000. */
  readonly concurrency?: number;
}

/** Calls are under way until their callers have their replies. */
const CONCURRENCY = 1_000;

/** See the module. */
export const commandTrigger: Trigger = {
  options: ["trigger", "inorder", "hook", "keyprefix"],
  shared: ["concurrency"],
  concurrency: CONCURRENCY,
  compile(options): CommandTrigger {
    const { trigger, inorder = false, hook, keyprefix } = options;
    requireText(hook, "hook argument");
    requireText(keyprefix, "keyprefix argument");
    requireText(trigger, "trigger argument");
    if (trigger !== undefined && (hook !== undefined || keyprefix !== undefined)) {
      throw new PlanError("trigger argument can not be given with keyprefix or hook");
    }
    if (hook !== undefined) {
      throw new PlanError(
        `Cannot hook the command ${describe(hook)}: hooks are not supported; register a trigger`,
      );
    }
    if (trigger === undefined || trigger === "") {
      throw new PlanError("no trigger or hook argument was given");
    }
    requirePlain(trigger, "trigger argument");
    if (typeof inorder !== "boolean") {
      throw new PlanError(`inorder argument is be boolean: got ${describe(inorder)}`);
    }
    return { reader: "CommandReader", trigger, inorder };
  },
  nameOf: (trigger) => (trigger as CommandTrigger).trigger,
};

function requireText(value: unknown, what: string): asserts value is string | undefined {
  if (value === undefined || typeof value === "string") return;
  throw new PlanError(`${what} is not string: got ${describe(value)}`);
}
