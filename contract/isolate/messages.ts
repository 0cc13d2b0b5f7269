/**
 * What crosses the border between the runtime and the sandbox, as tagged messages.
 *
 * A payload on the sandbox channel is one msgpack array of messages. What comes from the sandbox is
 * untrusted: `message_schema.ts` checks it on the runtime's side.
 *
 * @module
 */

import type { ErrorData, SourceLocation } from "../../errors.ts";
import type {
  AddedMessage,
  AddingMessage,
  EventsDoneMessage,
  EventsEndMessage,
  EventsMessage,
  ListensMessage,
  RunEventsMessage,
  TriggerMessage,
  TriggerRepliesMessage,
  TriggerReplyMessage,
  WroteMessage,
} from "./event_messages.ts";
import type { Plan } from "../plan/plan.ts";
import type { RegistrationPlan } from "../plan/registration.ts";

/** Messages that one payload from the sandbox may hold. */
export const MAX_MESSAGES = 1_000;

/** Severity of a log line, as in Redis. */
export type LogLevel = "debug" | "verbose" | "notice" | "warning";

/** Something that a module exports and that can be invoked. */
export interface ModuleExport {
  readonly name: string;
  readonly kind: "function" | "builder" | "fetch";
}

/** How a module is loaded. */
export interface LoadMessage {
  readonly type: "load";
  /** A script has the SDK's names as globals and may call `run()`; a library may not. */
  readonly kind: "script" | "library";
  /** Name of the file in error messages. */
  readonly fileName: string;
  readonly source: string;
  readonly env: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, string>>;
  readonly hashtag: string;
  /** What a ShardsIDReader yields. */
  readonly shardId: string;
  /** Write down what the top level reads from outside: other shards may have to run the script. */
  readonly record?: boolean;
  /** What it read on the shard that it was sent to: this shard runs a part of its execution. */
  readonly replay?: Uint8Array;
  /** It registers, and lives on when it is loaded; `replay` is what it read when it was sent. */
  readonly isKept?: boolean;
}

/** Greatest recording of what a top level read, in bytes. */
export const MAX_RECORDING_BYTES = 16 * 1024 * 1024;

/** Starts the plan that the sandbox asked for as `run`, or that a builder export gives. */
export interface StartMessage {
  readonly type: "start";
  readonly run: number;
  readonly executionId: string;
  /** This shard's place among those that take part; absent where it runs alone. */
  readonly cluster?: ClusterPosition;
}

/** A shard's place in a distributed execution. Shards have numbers in it, the same everywhere. */
export interface ClusterPosition {
  /** How many shards take part. */
  readonly shards: number;
  /** This one. */
  readonly self: number;
  readonly initiator: number;
  /** Ranges of slots in order, 0 to 16383, with the shard that each belongs to. */
  readonly slots: readonly (readonly [last: number, shard: number])[];
  /** Bytes that may be on their way from one shard to another in one shuffle. */
  readonly windowBytes: number;
}

/** Encoded bytes that a batch of a shuffle has at least, unless it is the last. */
export const SHUFFLE_BATCH_BYTES = 64 * 1024;
/** Encoded bytes that a batch of a shuffle has at most: one record may be as large. */
export const MAX_SHUFFLE_BYTES = 8 * 1024 * 1024;

/** An HTTP request for the module's `fetch`. */
export interface FetchMessage {
  readonly type: "fetch";
  readonly id: number;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | null;
}

/** From the runtime to the sandbox. */
export type ToSandbox =
  | LoadMessage
  | StartMessage
  /** The plan of `run` was refused. */
  | { readonly type: "refuse"; readonly run: number; readonly error: ErrorData }
  /** Compile the builder export and ask to run it as a batch. */
  | {
    readonly type: "runExport";
    readonly id: number;
    readonly exportName: string;
    readonly body: Uint8Array;
  }
  | {
    readonly type: "invoke";
    readonly id: number;
    readonly exportName: string;
    readonly body: Uint8Array;
  }
  | FetchMessage
  | EventsMessage
  | EventsEndMessage
  | TriggerMessage
  | RunEventsMessage
  | ListensMessage
  /** Say when all that was said before has been sent. */
  | { readonly type: "sync" }
  /** A batch of shuffle number `shuffle` from shard number `source`. */
  | {
    readonly type: "batch";
    readonly executionId: string;
    readonly shuffle: number;
    readonly source: number;
    readonly records: Uint8Array;
  }
  /** No more comes from there. */
  | {
    readonly type: "batchEnd";
    readonly executionId: string;
    readonly shuffle: number;
    readonly source: number;
  }
  /** So many bytes of what was sent to `target` are on their way: as many more may be sent. */
  | {
    readonly type: "credit";
    readonly executionId: string;
    readonly shuffle: number;
    readonly target: number;
    readonly bytes: number;
  }
  /** Results of other shards, on the initiator. */
  | { readonly type: "remoteResults"; readonly executionId: string; readonly records: Uint8Array }
  /** All shards are done: the execution is over. */
  | {
    readonly type: "complete";
    readonly executionId: string;
    /** Errors of other shards. */
    readonly errors: readonly string[];
  }
  | { readonly type: "abort"; readonly executionId: string }
  /** A registration of the module that is being loaded has this id. */
  | { readonly type: "registration"; readonly registration: number; readonly id: string }
  /** It cannot be. */
  | {
    readonly type: "refuseRegistration";
    readonly registration: number;
    readonly error: ErrorData;
  }
  /** Call the `onRegistered` of a registration. */
  | { readonly type: "callOnRegistered"; readonly id: number; readonly registration: number }
  /** Go the way of a script once, before there is one. */
  | { readonly type: "warmUp" }
  | { readonly type: "config"; readonly config: Readonly<Record<string, string>> };

/** What the runtime passes on of other shards. */
export type FromShards = Extract<
  ToSandbox,
  { type: "batch" | "batchEnd" | "credit" | "remoteResults" | "complete" }
>;

/** Figures of one step. */
export interface StepFigures {
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly durationMs: number;
}

/** Figures of an execution so far. */
export interface ExecutionFigures {
  readonly recordsRead: number;
  readonly expected?: number;
  readonly readDurationMs: number;
  readonly results: number;
  readonly errors: number;
  /** Commands whose key was another shard's. */
  readonly forwardedCommands: number;
  readonly steps: readonly StepFigures[];
}

/** From the sandbox to the runtime. */
export type FromSandbox =
  | {
    readonly type: "loaded";
    readonly exports: readonly ModuleExport[];
    /** What the top level of a script that registers has read, if it can be given again. */
    readonly recording?: Uint8Array;
    /** Why it cannot be given again, as the end of a sentence. */
    readonly unreplayable?: string;
  }
  /** The top level registers; registrations of a module are numbered in this order. */
  | {
    readonly type: "register";
    readonly registration: number;
    readonly plan: RegistrationPlan;
    /** Where the author's code called `register()`. */
    readonly location?: SourceLocation;
  }
  | { readonly type: "loadFailed"; readonly error: ErrorData }
  | { readonly type: "warm" }
  /** Asks for an execution of `plan`; `invocation` names the `runExport` that it answers. */
  | {
    readonly type: "run";
    readonly run: number;
    readonly plan: Plan;
    /** Whether a step's callback asked for it. */
    readonly isNested: boolean;
    readonly invocation?: number;
    /** Where the author's code called `run()`. */
    readonly location?: SourceLocation;
    /** What the top level read before, if it was to be written down and can be given again. */
    readonly recording?: Uint8Array;
    /** Why it cannot be given again, as the end of a sentence. */
    readonly unreplayable?: string;
  }
  | {
    readonly type: "progress";
    readonly executionId: string;
    readonly figures: ExecutionFigures;
  }
  /** A batch of results as one msgpack array. */
  | { readonly type: "results"; readonly executionId: string; readonly records: Uint8Array }
  | {
    readonly type: "done";
    readonly executionId: string;
    readonly figures: ExecutionFigures;
    readonly errors: readonly string[];
  }
  /** A batch of records for shard number `target`. */
  | {
    readonly type: "shuffle";
    readonly executionId: string;
    readonly shuffle: number;
    readonly target: number;
    readonly records: Uint8Array;
  }
  /** No more goes to any shard. */
  | { readonly type: "shuffleEnd"; readonly executionId: string; readonly shuffle: number }
  /** A batch of so many bytes from `source` has gone into its stage. */
  | {
    readonly type: "took";
    readonly executionId: string;
    readonly shuffle: number;
    readonly source: number;
    readonly bytes: number;
  }
  | EventsDoneMessage
  | TriggerReplyMessage
  | TriggerRepliesMessage
  | WroteMessage
  | AddingMessage
  | AddedMessage
  /** Answers each `sync`, in order. */
  | { readonly type: "synced" }
  /** The JSON text of what an export returned; empty where it was `onRegistered`. */
  | { readonly type: "reply"; readonly id: number; readonly body: Uint8Array<ArrayBuffer> }
  | {
    readonly type: "fetchReply";
    readonly id: number;
    readonly status: number;
    readonly statusText: string;
    readonly headers: readonly (readonly [string, string])[];
    readonly body: Uint8Array<ArrayBuffer> | null;
  }
  | { readonly type: "failed"; readonly id: number; readonly error: ErrorData }
  | {
    readonly type: "log";
    readonly level: LogLevel;
    readonly message: string;
  };

/** Where a Redis server listens. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Which server owns which slots. */
export interface SlotMap {
  /** Master of the own shard. */
  readonly own: ServerAddress;
  /** Each master with the first and last slot of each of its ranges. */
  readonly masters: readonly {
    readonly place: ServerAddress;
    readonly ranges: readonly (readonly [first: number, last: number])[];
  }[];
}

/** From the runtime to the host thread, as JSON. */
export type ToHost =
  /** Comes first; comes again before the sandbox is used, with the credentials that it uses. */
  | {
    readonly type: "init";
    readonly redis: ServerAddress & {
      readonly username?: string;
      readonly password?: string;
      readonly db: number;
      readonly tls: boolean;
    };
    /** Whether the server runs in cluster mode, where MGET may not cross slots. */
    readonly clustered: boolean;
    /** Name of the connections in CLIENT LIST. */
    readonly linkName: string;
  }
  /** In cluster mode: who owns the slots now. */
  | { readonly type: "slots"; readonly map: SlotMap };

/** From the host thread to the runtime, as JSON. */
export type FromHost =
  | { readonly type: "ready" }
  /** The worker ended by itself: an uncaught error of its thread. */
  | { readonly type: "crashed"; readonly message: string };

/** What a batch counts for in the window of its way: tiny ones are no lighter than others. */
export function chargeOf(batch: Uint8Array): number {
  return Math.max(1_024, batch.byteLength);
}
