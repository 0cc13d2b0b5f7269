/**
 * A shard's part of a distributed execution, between the isolate that runs it and the mesh: the
 * interfaces that the session and this folder have with each other.
 *
 * @module
 */

import type { CommandArgs } from "../../contract/api/function_call.ts";
import type { PinionError } from "../../errors.ts";
import type { Plan } from "../../contract/plan/plan.ts";
import type {
  ClusterPosition,
  ExecutionFigures,
} from "../../contract/isolate/messages/execution_messages.ts";
import type { Execution } from "./execution.ts";

/**
 * Takes what the isolate says of its execution. It is untrusted: what cannot be throws, and the
 * isolate is ended for it.
 */
export interface ExecutionPart {
  /** A batch for shard number `target`. @throws TypeError */
  shuffle(shuffle: number, target: number, records: Uint8Array): void;
  /** No more goes anywhere. @throws TypeError */
  shuffleEnd(shuffle: number): void;
  /** A batch from `source` has gone into its stage. @throws TypeError */
  took(shuffle: number, source: number, bytes: number): void;
  /** Encoded results; false where they are this shard's to keep. */
  results(records: Uint8Array): boolean;
  /** Takes the progress of this shard's part. */
  report(figures: ExecutionFigures): void;
  /** This shard's part is over. */
  done(figures: ExecutionFigures, errors: readonly string[]): void;
}

/** Tells the isolate what comes from other shards. */
export interface IsolatePort {
  batch(shuffle: number, source: number, records: Uint8Array): void;
  batchEnd(shuffle: number, source: number): void;
  credit(shuffle: number, target: number, bytes: number): void;
  /** Keeps results of shard number `source` for the execution, and gives them to its `run()`. */
  remoteResults(source: number, records: Uint8Array): void;
  complete(errors: readonly string[]): void;
}

/** Origin of an execution's code. */
export type ExecutionOrigin =
  | { readonly kind: "script"; readonly fileName: string; readonly source: string }
  | {
    readonly kind: "library";
    readonly name: string;
    /** Hex SHA-256 of the source of the version that runs. */
    readonly hash: string;
    readonly exportName: string;
    readonly body: Uint8Array;
  }
  | {
    readonly kind: "registration";
    /** Library that it belongs to, and its version as above. */
    readonly name: string;
    readonly hash: string;
    /** Place of the registration in its module. */
    readonly registration: number;
    /** A command, which is a record on every shard; null where records are the initiator's only. */
    readonly args: CommandArgs | null;
    /** Number of registrations whose writes led to the events. */
    readonly depth: number;
  };

/** A part that is loaded on a worker shard and waits for its start. */
export interface PreparedPart {
  /** Id of the session that holds it. */
  readonly session: string;
  readonly plan: Plan;
  /** Starts it; what the isolate says of it goes to `part`. */
  start(execution: Execution, place: ClusterPosition, part: ExecutionPart): IsolatePort;
  /** Lets the isolate go; resolves when nothing of the part runs any more. */
  release(reason: PinionError): Promise<void>;
}

/** Loads parts on a worker shard. */
export interface PartPort {
  /**
   * @param recording What the script's top level read where it was received.
   * @throws `SCRIPT_*`, `BAD_PLAN`, `NO_LIBRARY`, `LIMIT_*`
   */
  prepare(
    executionId: string,
    origin: ExecutionOrigin,
    recording: Uint8Array | undefined,
  ): Promise<PreparedPart>;
  /** Resolves while this shard can do its part. @throws PinionError that says why it cannot */
  checkHealth(): Promise<void>;
}
