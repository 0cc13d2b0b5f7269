/**
 * The table of readers that `register()` can wait with.
 *
 * @module
 */

import { commandTrigger } from "./command_options.ts";
import { keysTrigger } from "./keys_options.ts";
import { streamTrigger } from "./stream_options.ts";
import { timeTrigger } from "./time_options.ts";
import type { Trigger } from "./event_reader.ts";

/** By the name of the reader; others have no `register()`. */
export const TRIGGERS: Readonly<Record<string, Trigger | undefined>> = {
  __proto__: null as never,
  KeysReader: keysTrigger,
  StreamReader: streamTrigger,
  CommandReader: commandTrigger,
  TimeReader: timeTrigger,
};
