/**
 * The one function that turns what a builder recorded into the plan of a registration.
 *
 * @module
 */

import { CallbackList } from "./callback_list.ts";
import { DEFAULT_WINDOW, type Recording, requireKnown, requireWindow } from "./compile.ts";
import { PlanError } from "./base/gears_error.ts";
import { type AuthorCallback, describe, requireFunction } from "./operations/operation.ts";
import type { RegistrationMode, RegistrationPlan } from "../contract/plan/registration.ts";
import { compileFailure, FAILURE_OPTIONS } from "./registrations/failure_options.ts";
import { compileFlow, FLOW_OPTIONS } from "./registrations/flow_options.ts";
import { TRIGGERS } from "./registrations/event_reader_table.ts";
import {
  type GivenOptions,
  requirePlain,
  toPlain,
  type Trigger,
} from "./registrations/event_reader.ts";

/** Options of `register()` that every reader has. */
export interface RegisterOptions {
  /**
   * `async`: over all shards of a cluster; `async_local`: on the shard of the event; `sync`: there,
   * too, one event after the other in their order, after the event. Default `async`.
   *
   * Differs: in RedisGears a `sync` one runs within the command that caused the event.
   */
  readonly mode?: RegistrationMode;
  /** Bring results of other shards back. Default true. */
  readonly collect?: boolean;
  /** Show results as text over RESP. Default true. */
  readonly convertToStr?: boolean;
  /** Number of promises of one step that may be outstanding. Default 1,000. */
  readonly window?: number;
  /**
   * Called once on each shard when it is registered, before its first event. What it throws is
   * logged.
   *
   * Differs: RedisGears calls it again after a restart; here, what every start needs belongs to the
   * top level of the module.
   */
  readonly onRegistered?: () => unknown;
  /**
   * Name within the module, at most 256 characters: an upgrade hands its events to the registration
   * of the same name. Default: made of the reader and of what it waits for.
   */
  readonly name?: string;
  /** Shown where registrations are listed. Default: that of the builder. */
  readonly description?: string;
}

/** The plan of a registration with the functions that its references number. */
export interface CompiledRegistration {
  readonly plan: RegistrationPlan;
  readonly callbacks: readonly AuthorCallback[];
  /** True if the author named it; a name of ours may get a number behind it. */
  readonly isNamed: boolean;
}

const COMMON_OPTIONS: readonly string[] = [
  "mode",
  "collect",
  "convertToStr",
  "window",
  "onRegistered",
  "name",
  "description",
];
/** Groups of options that a trigger's `shared` may name. */
const OPTION_GROUPS: Readonly<Record<string, readonly string[]>> = {
  failure: FAILURE_OPTIONS,
  flow: FLOW_OPTIONS,
};
const MODES: readonly unknown[] = ["async", "async_local", "sync"] satisfies RegistrationMode[];
/** Longest name, in characters. */
const MAX_NAME = 256;
const MAX_DESCRIPTION = 1_024;

/** @throws GearsError where the reader cannot wait for events, or an option cannot be */
export function compileRegistration(
  recording: Recording,
  options: RegisterOptions & GivenOptions,
): CompiledRegistration {
  const trigger = findTrigger(recording.reader);
  requireKnown(options, listKnown(trigger), `register() with ${recording.reader}`);
  const { mode = "async", collect = true, convertToStr = true, window = DEFAULT_WINDOW } = options;
  requireMode(mode);
  requireWindow(window);
  const { name, onRegistered, description = recording.description } = options;
  requireText(name, "name", MAX_NAME);
  requireText(description, "description", MAX_DESCRIPTION);
  if (onRegistered !== undefined) requireFunction(onRegistered, "OnRegistered argument");
  const callbacks = new CallbackList();
  const spec = trigger.compile(options, mode);
  const failure = compileFailure(options);
  if (mode === "sync" && failure.policy !== "continue") {
    throw new PlanError("ExecutionMode sync can only be combined with OnFailedPolicy Continue");
  }
  const isOrdered = mode === "sync" || (spec.reader === "CommandReader" && spec.inorder);
  return {
    plan: {
      version: 1,
      trigger: spec,
      steps: recording.operations.flatMap((operation) => operation.compile(callbacks)),
      mode,
      collect: Boolean(collect),
      convertToStr: Boolean(convertToStr),
      window,
      failure,
      flow: compileFlow(options, { concurrency: trigger.concurrency, isOrdered }, callbacks),
      ...(onRegistered !== undefined && { onRegistered: callbacks.author(onRegistered) }),
      name: name ?? toPlain(`${spec.reader}:${trigger.nameOf(spec)}`).slice(0, MAX_NAME - 8),
      ...(description !== undefined && { description }),
    },
    callbacks: callbacks.list,
    isNamed: name !== undefined,
  };
}

function findTrigger(reader: string): Trigger {
  const trigger = (TRIGGERS as Readonly<Record<string, Trigger | undefined>>)[reader];
  if (trigger !== undefined) return trigger;
  throw new PlanError(
    `given reader does not exists or does not support register: ${reader}; expected ` +
      `one of ${Object.keys(TRIGGERS).join(", ")}`,
  );
}

function listKnown(trigger: Trigger): string[] {
  const shared = trigger.shared.flatMap((name) => OPTION_GROUPS[name] ?? [name]);
  return [...new Set([...trigger.options, ...COMMON_OPTIONS, ...shared])];
}

function requireMode(mode: unknown): asserts mode is RegistrationMode {
  if (typeof mode !== "string") throw new PlanError("execution mode must be a string");
  if (!MODES.includes(mode)) throw new PlanError("unknown execution mode");
}

function requireText(
  value: unknown,
  what: string,
  maxLength: number,
): asserts value is string | undefined {
  if (value === undefined) return;
  if (typeof value === "string" && value !== "" && value.length <= maxLength) {
    return requirePlain(value, what);
  }
  throw new PlanError(
    `${what} must be a string of 1 to ${maxLength} characters, got ${describe(value)}`,
  );
}
