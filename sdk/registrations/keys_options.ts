/**
 * `KeysReader` in `register()`: fires on what happens to keys.
 *
 * @module
 */

import { PlanError } from "../base/gears_error.ts";
import { describe } from "../operations/operation.ts";
import type { KeysTrigger, KeyType } from "../../contract/plan/registration.ts";
import type { FailureOptions } from "./failure_options.ts";
import {
  type DebounceOptions,
  type DedupeOptions,
  DEFAULT_CONCURRENCY,
  type FlowOptions,
} from "./flow_options.ts";
import { prefixOf, textsOf, type Trigger } from "./event_reader.ts";

/**
 * Options of `register()` for a KeysReader.
 *
 * Source: RedisGears 1.2 (reference 2.1).
 * Differs: without `eventTypes`, `keymiss` and `new` do not fire it; it has to name them, and reads of
 * functions may cause them, too. A list of types that is empty is refused: it would never fire.
 * Events are those of the database that the runtime is connected to. They are best effort: what
 * happens while the runtime is not connected does not fire, and where more than 250,000 wait, of
 * those with the same key and name only the last one stays.
 */
export interface KeysRegisterOptions<T>
  extends FailureOptions, FlowOptions<T>, DebounceOptions, DedupeOptions<T> {
  /** `person:*` for all keys that begin so; without the star at the end one key. Default `*`. */
  readonly prefix?: string;
  /** Names of events, in any case, such as `set`, `del`, `expired`. */
  readonly eventTypes?: Iterable<string>;
  /**
   * Types that the key may have when the event is run; `empty` where it is gone, and for `del`,
   * `expired`, `evicted` and `keymiss` always.
   */
  readonly keyTypes?: Iterable<KeyType>;
  /**
   * Only events that one of these commands causes, such as `hset`.
   *
   * Differs: the same event of another command fires it, too; RedisGears looks at the command.
   */
  readonly commands?: Iterable<string>;
  /**
   * Read types and values, as they are when the event is run. Default true; without it records have
   * `key` and `event` only.
   */
  readonly readValue?: boolean;
}

const KEY_TYPES: readonly string[] = [
  "empty",
  "string",
  "list",
  "hash",
  "set",
  "zset",
  "module",
  "stream",
] satisfies KeyType[];

/** See the module. */
export const keysTrigger: Trigger = {
  options: ["prefix", "eventTypes", "keyTypes", "commands", "readValue"],
  shared: ["failure", "flow", "orderBy", "debounceMs", "dedupe"],
  concurrency: DEFAULT_CONCURRENCY,
  compile(options): KeysTrigger {
    const { readValue = true } = options;
    if (typeof readValue !== "boolean") {
      throw new PlanError(`readValue is not boolean: got ${describe(readValue)}`);
    }
    const eventTypes = textsOf(options.eventTypes, { list: "eventTypes", item: "event type" });
    const keyTypes = textsOf(options.keyTypes, { list: "keyTypes", item: "key type" });
    const commands = textsOf(options.commands, { list: "commands", item: "command type" });
    for (const [name, list] of [["eventTypes", eventTypes], ["keyTypes", keyTypes]] as const) {
      if (list?.length !== 0) continue;
      throw new PlanError(`given ${name} is empty: it would never fire; leave it out for all`);
    }
    const unknown = keyTypes?.find((type) => !KEY_TYPES.includes(type));
    if (unknown !== undefined) {
      throw new PlanError(
        `unknown key type ${describe(unknown)}: expected one of ${KEY_TYPES.join(", ")}`,
      );
    }
    return {
      reader: "KeysReader",
      prefix: prefixOf(options),
      eventTypes: eventTypes && unique(eventTypes),
      keyTypes: keyTypes && unique(keyTypes) as KeyType[],
      commands: commands?.length ? unique(commands) : null,
      readValue,
    };
  },
  nameOf: (trigger) => (trigger as KeysTrigger).prefix,
};

function unique(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.toLowerCase()))];
}
