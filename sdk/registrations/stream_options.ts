/**
 * `StreamReader` in `register()`: fires on messages of streams.
 *
 * @module
 */

import { PlanError } from "../base/gears_error.ts";
import { describe } from "../operations/operation.ts";
import type { StreamTrigger } from "../../contract/plan/registration.ts";
import type { FailureOptions } from "./failure_options.ts";
import { type DedupeOptions, DEFAULT_CONCURRENCY, type FlowOptions } from "./flow_options.ts";
import { numberOf, prefixOf, type Trigger } from "./event_reader.ts";

/**
 * Options of `register()` for a StreamReader.
 *
 * A stream's executions follow one another, streams run side by side. With the policy `continue` and
 * a last function that returns the promise of `execute()` itself, the next execution begins as soon
 * as the command is on its way, since commands keep their order. A function that awaits its command
 * costs a round trip each time; a larger `batch`, or `orderBy`, lets several travel together.
 *
 * Source: RedisGears 1.2 (reference 2.3).
 * Differs: each registration has a consumer group of its own, so two on one stream both get all of
 * it; `fromId` says where a new one begins.
 */
export interface StreamRegisterOptions<T> extends FailureOptions, FlowOptions<T>, DedupeOptions<T> {
  /** `iot:*` for all streams that begin so; without the star at the end one. Default `*`. */
  readonly prefix?: string;
  /** Messages of an execution, at most. Default 1. */
  readonly batch?: number;
  /**
   * Milliseconds that a batch which is not full waits for more. Default 0: as long as it takes.
   */
  readonly duration?: number;
  /** Delete messages that every registration on the stream has finished. Default true. */
  readonly trimStream?: boolean;
  /** Begin behind this id; `$` for what comes from now on. Default `0-0`: what is there, too. */
  readonly fromId?: string;
}

/** `5`, `5-1` or `$`. */
const ID = /^(\$|\d{1,20}(-\d{1,20})?)$/;

/** See the module. */
export const streamTrigger: Trigger = {
  options: ["prefix", "batch", "duration", "trimStream", "fromId"],
  shared: ["failure", "flow", "orderBy", "dedupe"],
  concurrency: DEFAULT_CONCURRENCY,
  compile(options): StreamTrigger {
    const { batch = 1, duration = 0, trimStream = true, fromId = "0-0" } = options;
    if (typeof trimStream !== "boolean") {
      throw new PlanError(
        `pyTrimmStream argument must be a boolean: trimStream is ${describe(trimStream)}`,
      );
    }
    if (typeof fromId !== "string" || !ID.test(fromId)) {
      throw new PlanError(
        `fromId argument must be a string: expected a message id or "$", got ${describe(fromId)}`,
      );
    }
    return {
      reader: "StreamReader",
      prefix: prefixOf(options),
      batch: numberOf(batch, "batch argument", { min: 1, max: 100_000 }),
      durationMs: numberOf(duration, "duration argument", { min: 0, max: 86_400_000 }),
      trimStream,
      fromId,
    };
  },
  nameOf: (trigger) => (trigger as StreamTrigger).prefix,
};
