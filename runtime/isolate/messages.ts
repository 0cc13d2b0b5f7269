/**
 * What crosses the border between the runtime and the sandbox, as tagged messages.
 *
 * A payload on the sandbox channel is one msgpack array of messages. What comes from the sandbox is
 * untrusted: `message_schema.ts` checks it on the runtime's side.
 *
 * @module
 */

import type { ErrorData, SourceLocation } from "../../errors.ts";
import type { Plan } from "../../sdk/plan/plan.ts";

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
}

/** Starts the plan that the sandbox asked for as `run`, or that a builder export gives. */
export interface StartMessage {
  readonly type: "start";
  readonly run: number;
  readonly executionId: string;
}

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
  | { readonly type: "abort"; readonly executionId: string }
  /** Go the way of a script once, before there is one. */
  | { readonly type: "warmUp" }
  | { readonly type: "config"; readonly config: Readonly<Record<string, string>> };

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
  readonly steps: readonly StepFigures[];
}

/** From the sandbox to the runtime. */
export type FromSandbox =
  | { readonly type: "loaded"; readonly exports: readonly ModuleExport[] }
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
  /** The JSON text of what an export returned. */
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

/** Between the runtime and the host thread, as JSON. */
export type ToHost = {
  readonly type: "init";
  readonly redis: {
    readonly host: string;
    readonly port: number;
    readonly username?: string;
    readonly password?: string;
    readonly db: number;
    readonly tls: boolean;
  };
  /** Whether the server runs in cluster mode, where MGET may not cross slots. */
  readonly clustered: boolean;
  /** Name of the connections in CLIENT LIST. */
  readonly linkName: string;
};

/** From the host thread to the runtime, as JSON. */
export type FromHost =
  | { readonly type: "ready" }
  /** The worker ended by itself: an uncaught error of its thread. */
  | { readonly type: "crashed"; readonly message: string };
