/**
 * What an author imports: `import { GearsBuilder, execute, log } from "pinion"`.
 *
 * @module
 */

export { atomic, configGet, env, execute, hashtag, isAsyncAllow, log } from "./api.ts";
export type { RunOptions } from "./compile.ts";
export type { RegisterOptions } from "./compile_registration.ts";
export { FlatError, flatError, GearsError, NonRetryableError } from "./gears_error.ts";
export {
  type Flattened,
  GB,
  GearsBuilder,
  type KeyValue,
  type MaybePromise,
  type ReaderName,
  type ReaderTypes,
  type RegisterArguments,
} from "./gears_builder.ts";
export type {
  CommandArgument,
  LogLevel,
  Reply,
  RunResult,
  Transaction,
  TransactionBody,
} from "./host.ts";
export type { SortOptions } from "./operations/sort.ts";
export type { ExecutionMode } from "./plan/plan.ts";
export type { KeyType, RegistrationMode } from "./plan/registration.ts";
export type { RecordGenerator } from "./readers/generator_reader.ts";
export type { KeysOnlyReaderOptions } from "./readers/keys_only_reader.ts";
export type {
  KeysReaderOptions,
  KeysRecord,
  KeysRecordHead,
  TextOrBytes,
} from "./readers/keys_reader.ts";
export type { StreamReaderOptions, StreamRecord } from "./readers/stream_reader.ts";
export type { CommandRegisterOptions } from "./triggers/command_trigger.ts";
export type { FailureOptions } from "./triggers/failure_options.ts";
export type { DebounceOptions, DedupeOptions, FlowOptions } from "./triggers/flow_options.ts";
export type { KeysRegisterOptions } from "./triggers/keys_trigger.ts";
export type { StreamRegisterOptions } from "./triggers/stream_trigger.ts";
export type { TimeRegisterOptions } from "./triggers/time_trigger.ts";
