/**
 * A registration as data: what fires it, what runs then, and how failures and load are dealt with.
 *
 * Source: RedisGears 1.2 `register()` (reference 2.1, 2.3, 2.6, 4.2).
 *
 * @module
 */

import type { CallbackRef, Step } from "./step.ts";

/** Version of the format. */
export const REGISTRATION_VERSION = 1;

/** What the names of the runtime's own keys begin with: nothing fires on them. */
export const OWN_KEYS = "__pinion:";

/**
 * `async`: over all shards of a cluster. `async_local`: on the shard of the event. `sync`: there, too,
 * one event after the other in their order.
 */
export type RegistrationMode = "async" | "async_local" | "sync";

/** Types that a key may have; `empty` where there is none of the name any more. */
export type KeyType =
  | "empty"
  | "string"
  | "list"
  | "hash"
  | "set"
  | "zset"
  | "module"
  | "stream";

/** Fires on events of keys. */
export interface KeysTrigger {
  readonly reader: "KeysReader";
  /** `person:*` for all keys that begin so; without the star at the end one key. */
  readonly prefix: string;
  /** Lower case; null for all but `keymiss` and `new`. */
  readonly eventTypes: readonly string[] | null;
  readonly keyTypes: readonly KeyType[] | null;
  /** Lower case: only events that one of these commands causes; null for all. */
  readonly commands: readonly string[] | null;
  readonly readValue: boolean;
}

/** Fires on messages of streams. */
export interface StreamTrigger {
  readonly reader: "StreamReader";
  /** As for keys. */
  readonly prefix: string;
  /** Messages of an execution, at most. */
  readonly batch: number;
  /** How long a batch that is not full waits for more; 0: as long as it takes. */
  readonly durationMs: number;
  readonly trimStream: boolean;
  /** Where a group begins that is new: a message id, exclusive; `$` for what comes from now on. */
  readonly fromId: string;
}

/** Fires on RG.TRIGGER, RG.TRIGGERONKEY and `POST /v1/triggers/{trigger}`. */
export interface CommandTrigger {
  readonly reader: "CommandReader";
  readonly trigger: string;
  /** One execution after the other, in the order of arrival. */
  readonly inorder: boolean;
}

/** Fires with the clock. Exactly one of `cron` and `everyMs` is not null. */
export interface TimeTrigger {
  readonly reader: "TimeReader";
  readonly cron: string | null;
  /** IANA name; null for UTC. */
  readonly timeZone: string | null;
  readonly everyMs: number | null;
  /** On every shard, or on one of them. */
  readonly on: "one" | "all";
}

/** What fires a registration. */
export type TriggerSpec = KeysTrigger | StreamTrigger | CommandTrigger | TimeTrigger;

/** What becomes of an execution that fails. */
export interface FailureSpec {
  /**
   * `continue`: go on with the next; `abort`: stop the registration; `retry`: run it again, after
   * pauses that double, and in the end part what is at fault from the rest.
   */
  readonly policy: "continue" | "abort" | "retry";
  /** First pause, in milliseconds. */
  readonly retryIntervalMs: number;
  /** Longest pause, in milliseconds. */
  readonly maxRetryIntervalMs: number;
  /** Runs of the same event in all; 0: without end. */
  readonly attempts: number;
  /** Dead letters that are kept; 0: none. */
  readonly deadLetters: number;
}

/** How much of it runs at a time. */
export interface FlowSpec {
  /** Executions under way on a shard. */
  readonly concurrency: number;
  /** Of them, with the same key: 1 keeps the order of its events. */
  readonly concurrencyPerKey: number;
  /** Gives that key of a record; without it the key of the event, or the stream's. */
  readonly orderBy?: CallbackRef;
  /** Executions that may begin in a second; null: any number. */
  readonly ratePerSecond: number | null;
  /** Events of a key wait until it has been quiet for so long, and only the last one fires. */
  readonly debounceMs: number | null;
  /** Events whose id was there within the window do not fire. */
  readonly dedupe: { readonly id: CallbackRef; readonly windowMs: number } | null;
}

/** See the module. */
export interface RegistrationPlan {
  readonly version: typeof REGISTRATION_VERSION;
  readonly trigger: TriggerSpec;
  readonly steps: readonly Step[];
  readonly mode: RegistrationMode;
  /** Whether results of other shards come back. */
  readonly collect: boolean;
  readonly convertToStr: boolean;
  /** How many promises of one step may be outstanding. */
  readonly window: number;
  readonly failure: FailureSpec;
  readonly flow: FlowSpec;
  /** Called once on each shard when it is registered. */
  readonly onRegistered?: CallbackRef;
  /** What it is called within its module: an upgrade hands its cursor to the one of the same name. */
  readonly name: string;
  readonly description?: string;
}
