/**
 * `GeneratorReader`: what an author's generator yields on each shard.
 *
 * @module
 */

import { PlanError } from "../base/gears_error.ts";
import { describe } from "../operations/operation.ts";
import type { Reader } from "./reader_kind.ts";

/** Makes the records: called on each shard without arguments. */
export type RecordGenerator<T> = () =>
  | Iterable<T>
  | AsyncIterable<T>
  | Promise<Iterable<T> | AsyncIterable<T>>;

/**
 * Argument of `run()`: a generator function, sync or async, or a function that returns something
 * iterable.
 *
 * Source: RedisGears 1.2 PythonReader (reference 2.4).
 * Differs: a function that returns nothing iterable is an error; RedisGears calls it for ever.
 */
export const generatorReader: Reader = {
  options: [],
  compile(argument, _options, callbacks) {
    if (typeof argument !== "function") {
      throw new PlanError(
        `GeneratorReader argument must be a function that returns an iterable, got ${
          describe(argument)
        }`,
      );
    }
    return {
      reader: "GeneratorReader",
      generator: callbacks.author(argument as RecordGenerator<unknown>),
    };
  },
};
