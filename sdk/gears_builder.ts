/**
 * The builder that authors chain operations on. It only records; `compile.ts` makes the plan.
 *
 * @module
 */

import { compile, type RunOptions } from "./compile.ts";
import { compileRegistration, type RegisterOptions } from "./compile_registration.ts";
import { PlanError } from "./base/gears_error.ts";
import { getHost, type RunResult } from "./host.ts";
import { accumulate } from "./operations/accumulate.ts";
import { aggregate } from "./operations/aggregate.ts";
import { aggregateBy } from "./operations/aggregate_by.ts";
import { avg } from "./operations/avg.ts";
import { batchGroupBy } from "./operations/batch_group_by.ts";
import { collect } from "./operations/collect.ts";
import { count } from "./operations/count.ts";
import { countBy } from "./operations/count_by.ts";
import { distinct } from "./operations/distinct.ts";
import { filter } from "./operations/filter.ts";
import { flatMap } from "./operations/flat_map.ts";
import { forEach } from "./operations/for_each.ts";
import { groupBy } from "./operations/group_by.ts";
import { limit } from "./operations/limit.ts";
import { localGroupBy } from "./operations/local_group_by.ts";
import { map } from "./operations/map.ts";
import { describe, type Operation } from "./operations/operation.ts";
import { repartition } from "./operations/repartition.ts";
import { sort, type SortOptions } from "./operations/sort.ts";
import type { RecordGenerator } from "./readers/generator_reader.ts";
import type { KeysOnlyReaderOptions } from "./readers/keys_only_reader.ts";
import type { KeysReaderOptions, KeysRecord } from "./readers/keys_reader.ts";
import type { StreamReaderOptions, StreamRecord } from "./readers/stream_reader.ts";
import { READERS } from "./readers/reader_table.ts";
import type { CommandRegisterOptions } from "./registrations/command_options.ts";
import type { KeysRegisterOptions } from "./registrations/keys_options.ts";
import type { StreamRegisterOptions } from "./registrations/stream_options.ts";
import type { TimeRegisterOptions } from "./registrations/time_options.ts";

/**
 * For each reader: its records, its argument, and its own options of `run()` and of `register()`.
 */
export interface ReaderTypes {
  /** Keys with their values. */
  KeysReader: {
    record: KeysRecord;
    argument: string;
    options: KeysReaderOptions;
    register: KeysRegisterOptions<KeysRecord>;
  };
  /** Names of keys. */
  KeysOnlyReader: {
    record: string;
    argument: string;
    options: KeysOnlyReaderOptions;
    register: never;
  };
  /** Entries of a stream. */
  StreamReader: {
    record: StreamRecord;
    argument: string;
    options: StreamReaderOptions;
    register: StreamRegisterOptions<StreamRecord>;
  };
  /** What a generator yields. */
  GeneratorReader: {
    // deno-lint-ignore no-explicit-any
    record: any;
    // deno-lint-ignore no-explicit-any
    argument: RecordGenerator<any>;
    options: unknown;
    register: never;
  };
  /** One record per shard. */
  ShardsIDReader: { record: string; argument: string; options: unknown; register: never };
  /** Commands, as `[trigger, argument, …]`: waits for events, has no `run()`. */
  CommandReader: {
    record: string[];
    argument: never;
    options: unknown;
    register: CommandRegisterOptions;
  };
  /** The clock, as milliseconds since 1970: waits for events, has no `run()`. */
  TimeReader: { record: number; argument: never; options: unknown; register: TimeRegisterOptions };
}

/** Name of a reader. */
export type ReaderName = keyof ReaderTypes;

/** What `register()` of a reader takes: options that may be left out, or not, or none at all. */
export type RegisterArguments<R extends ReaderName> = [ReaderTypes[R]["register"]] extends [never]
  ? [reader: never]
  : Record<never, never> extends ReaderTypes[R]["register"]
    ? [options?: RegisterOptions & ReaderTypes[R]["register"]]
  : [options: RegisterOptions & ReaderTypes[R]["register"]];

/** What the grouping operations give. */
export interface KeyValue<V> {
  /** Always text, also where the extractor gave something else. */
  readonly key: string;
  /** What the records of the key came to. */
  readonly value: V;
}

/** A value or a promise of it: callbacks may be async. */
export type MaybePromise<T> = T | Promise<T>;

/** The elements where `T` is an array, else `T`. */
export type Flattened<T> = T extends readonly (infer E)[] ? E : T;

/** Records a pipeline of operations over the records of reader `R`, whose last one gives `T`. */
export class GearsBuilder<R extends ReaderName = "KeysReader", T = ReaderTypes[R]["record"]> {
  readonly #reader: R;
  readonly #defaultArgument: unknown;
  readonly #description?: string;
  readonly #operations: Operation[] = [];

  /**
   * A pipeline without operations.
   *
   * @param reader Default `KeysReader`.
   * @param defaultArgument What `run()` reads if it gets no argument of its own.
   * @param description Shown where executions are listed.
   */
  constructor(
    reader: R = "KeysReader" as R,
    defaultArgument?: ReaderTypes[R]["argument"],
    description?: string,
  ) {
    if (typeof reader !== "string") {
      throw new PlanError(`reader argument must be a string, got ${describe(reader)}`);
    }
    if (READERS[reader] === undefined) {
      const names = Object.keys(READERS).join(", ");
      throw new PlanError(
        `The given reader does not exists: ${describe(reader)}; expected one of ${names}`,
      );
    }
    if (description !== undefined && typeof description !== "string") {
      throw new PlanError(`desc argument must be a string, got ${describe(description)}`);
    }
    this.#reader = reader;
    this.#defaultArgument = defaultArgument;
    this.#description = description;
  }

  /** Turns each record into another. */
  map<U>(callback: (record: T) => U): GearsBuilder<R, Awaited<U>> {
    return this.#record(map(callback));
  }

  /** Turns each record into any number of records: an array is opened, in order. */
  flatMap<U>(callback: (record: T) => U): GearsBuilder<R, Flattened<Awaited<U>>> {
    return this.#record(flatMap(callback));
  }

  /** Calls back for the effect; the record passes. */
  forEach(callback: (record: T) => unknown): GearsBuilder<R, T> {
    return this.#record(forEach(callback));
  }

  /** Lets the records pass for which `callback` is truthy. */
  filter<U extends T>(callback: (record: T) => record is U): GearsBuilder<R, U>;
  /** The same without narrowing the type. */
  filter(callback: (record: T) => unknown): GearsBuilder<R, T>;
  filter(callback: (record: T) => unknown): GearsBuilder<R, T> {
    return this.#record(filter(callback));
  }

  /** Turns all records of a shard into one; none comes out if none went in. */
  accumulate<A>(
    callback: (accumulator: A | undefined, record: T) => MaybePromise<A>,
  ): GearsBuilder<R, A> {
    return this.#record(accumulate(callback));
  }

  /** Turns all records of a key on one shard into one. */
  localGroupBy<A>(
    extract: (record: T) => unknown,
    reduce: (key: string, accumulator: A | undefined, record: T) => MaybePromise<A>,
  ): GearsBuilder<R, KeyValue<A>> {
    return this.#record(localGroupBy(extract, reduce));
  }

  /** Turns all records of a key in the cluster into one. */
  groupBy<A>(
    extract: (record: T) => unknown,
    reduce: (key: string, accumulator: A | undefined, record: T) => MaybePromise<A>,
  ): GearsBuilder<R, KeyValue<A>> {
    return this.#record(groupBy(extract, reduce));
  }

  /** Like `groupBy`, with all records of a key at once. Memory grows with the group. */
  batchGroupBy<A>(
    extract: (record: T) => unknown,
    reduce: (key: string, records: T[]) => A,
  ): GearsBuilder<R, KeyValue<Awaited<A>>> {
    return this.#record(batchGroupBy(extract, reduce));
  }

  /** Turns all records of the cluster into one: `local` on each shard, then `global` over those. */
  aggregate<A>(
    zero: A,
    local: (accumulator: A, record: T) => MaybePromise<A>,
    global: (accumulator: A, partial: A) => MaybePromise<A>,
  ): GearsBuilder<R, A> {
    return this.#record(aggregate(zero, local, global));
  }

  /** Like `aggregate`, for each key. */
  aggregateBy<A>(
    extract: (record: T) => unknown,
    zero: A,
    local: (key: string, accumulator: A, record: T) => MaybePromise<A>,
    global: (key: string, accumulator: A, partial: A) => MaybePromise<A>,
  ): GearsBuilder<R, KeyValue<A>> {
    return this.#record(aggregateBy(extract, zero, local, global));
  }

  /** Counts the records of the cluster; no record comes out if none went in. */
  count(): GearsBuilder<R, number> {
    return this.#record(count());
  }

  /** Counts the records of each key; without `extract` the record is the key. */
  countBy(extract?: (record: T) => unknown): GearsBuilder<R, KeyValue<number>> {
    return this.#record(countBy(extract));
  }

  /** The mean of the numbers that `extract` gives, or of the records themselves. */
  avg(extract?: (record: T) => MaybePromise<number>): GearsBuilder<R, number> {
    return this.#record(avg(extract));
  }

  /** All records in ascending order: numbers by value, text by code unit, or by `order`. */
  sort(order?: ((a: T, b: T) => number) | SortOptions): GearsBuilder<R, T> {
    return this.#record(sort(order));
  }

  /** Each different record once. */
  distinct(): GearsBuilder<R, T> {
    return this.#record(distinct());
  }

  /** The records `start` to `start + length - 1` of each shard. */
  limit(length: number, start = 0): GearsBuilder<R, T> {
    return this.#record(limit(length, start));
  }

  /** Moves all records to the shard that started the execution. */
  collect(): GearsBuilder<R, T> {
    return this.#record(collect());
  }

  /** Moves each record to the shard that owns the key that `extract` gives. */
  repartition(extract: (record: T) => unknown): GearsBuilder<R, T> {
    return this.#record(repartition(extract));
  }

  /**
   * Runs the pipeline over what the reader finds now.
   *
   * @param argument What to read: a key pattern, a stream's key or a generator; default as given to
   * the constructor.
   * @throws GearsError where the pipeline cannot be
   */
  run(
    argument?: ReaderTypes[R]["argument"],
    options?: RunOptions & ReaderTypes[R]["options"],
  ): Promise<RunResult<T>> {
    const given = options ?? {};
    if (typeof given !== "object") {
      throw new PlanError(`run options must be an object, got ${describe(given)}`);
    }
    const compiled = compileBuilder(this, argument, given as RunOptions & Record<string, unknown>);
    return getHost().run(compiled) as Promise<RunResult<T>>;
  }

  /**
   * Runs the pipeline whenever the reader's event happens, from now on: after restarts and failovers,
   * too, until it is unregistered or its library is replaced.
   *
   * It can be called at the top level of a module only, any number of times.
   * Differs: RedisGears lets callbacks register, too, and a script register and run.
   *
   * @returns the id of the registration; it need not be awaited
   * @throws GearsError where the reader cannot wait for events, or an option cannot be
   */
  register(...[options]: RegisterArguments<R>): Promise<string> {
    const given: unknown = options ?? {};
    if (typeof given !== "object") {
      throw new PlanError(`register options must be an object, got ${describe(given)}`);
    }
    const compiled = compileRegistration(
      GearsBuilder.recordingOf(this),
      given as RegisterOptions & Record<string, unknown>,
    );
    return getHost().register(compiled);
  }

  /** For the sandbox: what has been recorded. */
  // deno-lint-ignore no-explicit-any
  static recordingOf(builder: GearsBuilder<any, any>): Parameters<typeof compile>[0] {
    return {
      reader: builder.#reader,
      defaultArgument: builder.#defaultArgument,
      description: builder.#description,
      operations: builder.#operations,
    };
  }

  #record<U>(operation: Operation): GearsBuilder<R, U> {
    this.#operations.push(operation);
    return this as unknown as GearsBuilder<R, U>;
  }
}

/** The plan of what `builder` recorded. @throws GearsError */
export function compileBuilder(
  // deno-lint-ignore no-explicit-any
  builder: GearsBuilder<any, any>,
  argument: unknown,
  options: RunOptions & Readonly<Record<string, unknown>>,
): ReturnType<typeof compile> {
  return compile(GearsBuilder.recordingOf(builder), argument, options);
}

/** The short form of `new GearsBuilder(…)`, with or without `new`. */
export function GB<R extends ReaderName = "KeysReader">(
  reader?: R,
  defaultArgument?: ReaderTypes[R]["argument"],
  description?: string,
): GearsBuilder<R> {
  return new GearsBuilder<R>(reader, defaultArgument, description);
}
