/**
 * The module that an author imports: `import { GearsBuilder, execute, log } from "pinion"`.
 *
 * @module
 */

export { atomic, configGet, env, execute, hashtag, isAsyncAllow, log } from "./api.ts";
export type { RunOptions } from "./compile.ts";
export type { RegisterOptions } from "./compile_registration.ts";
export { FlatError, flatError, GearsError, NonRetryableError } from "./base/gears_error.ts";
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
// Types alone: the lists document the unions that are made from them.
export type {
  EXECUTION_MODES,
  ExecutionMode,
  KEY_TYPES,
  KeyType,
  REGISTRATION_MODES,
  RegistrationMode,
} from "../contract/plan/vocabulary.ts";
export type { RecordGenerator } from "./readers/generator_reader.ts";
export type { KeysOnlyReaderOptions } from "./readers/keys_only_reader.ts";
export type {
  KeysReaderOptions,
  KeysRecord,
  KeysRecordHead,
  TextOrBytes,
} from "./readers/keys_reader.ts";
export type { StreamReaderOptions, StreamRecord } from "./readers/stream_reader.ts";
export type { CommandRegisterOptions } from "./registrations/command_options.ts";
export type { FailureOptions } from "./registrations/failure_options.ts";
export type { DebounceOptions, DedupeOptions, FlowOptions } from "./registrations/flow_options.ts";
export type { KeysRegisterOptions } from "./registrations/keys_options.ts";
export type { StreamRegisterOptions } from "./registrations/stream_options.ts";
export type { TimeRegisterOptions } from "./registrations/time_options.ts";
