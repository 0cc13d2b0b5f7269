/**
 * The table of readers that `register()` can wait with.
 *
 * @module
 */

import { commandTrigger } from "./command_trigger.ts";
import { keysTrigger } from "./keys_trigger.ts";
import { streamTrigger } from "./stream_trigger.ts";
import { timeTrigger } from "./time_trigger.ts";
import type { Trigger } from "./trigger.ts";

/** By the name of the reader; others have no `register()`. */
export const TRIGGERS: Readonly<Record<string, Trigger | undefined>> = {
  __proto__: null as never,
  KeysReader: keysTrigger,
  StreamReader: streamTrigger,
  CommandReader: commandTrigger,
  TimeReader: timeTrigger,
};
