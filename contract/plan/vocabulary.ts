/**
 * Names that plans and registrations are written with, once each.
 *
 * Pure: the sdk and the sandbox import it, the schemas are made from it.
 *
 * @module
 */

/** Functions that every isolate knows by name. */
export const BUILTIN_CALLBACKS = [
  "identity",
  "one",
  "zero",
  "increment",
  "incrementByKey",
  "sum",
  "sumByKey",
  "averageZero",
  "averageLocal",
  "averageGlobal",
  "averageResult",
  "toNumber",
] as const;

/** The name of a built-in function. */
export type BuiltinCallback = typeof BUILTIN_CALLBACKS[number];

/** `async` runs on every shard of a cluster, `async_local` on this one only. */
export const EXECUTION_MODES = ["async", "async_local"] as const;

/** `async` runs on every shard of a cluster, `async_local` on this one only. */
export type ExecutionMode = typeof EXECUTION_MODES[number];

/**
 * `async`: over all shards of a cluster. `async_local`: on the shard of the event. `sync`: there,
 * too, one event after the other in their order.
 */
export const REGISTRATION_MODES = ["async", "async_local", "sync"] as const;

/** Mode of a registration, one of {@linkcode REGISTRATION_MODES}. */
export type RegistrationMode = typeof REGISTRATION_MODES[number];

/** Types that a key may have; `empty` where there is none of the name any more. */
export const KEY_TYPES = [
  "empty",
  "string",
  "list",
  "hash",
  "set",
  "zset",
  "module",
  "stream",
] as const;

/** Type that a key may have; `empty` where there is none of the name any more. */
export type KeyType = typeof KEY_TYPES[number];

/** Beginning of the names of the runtime's own keys: nothing fires on them. */
export const OWN_KEYS = "__pinion:";
