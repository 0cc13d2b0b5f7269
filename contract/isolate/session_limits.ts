/**
 * The one table of limits that hold for user code, with their defaults.
 *
 * @module
 */

/** What a session may use. Every name ends in its unit. */
export interface SessionLimits {
  /** Resident memory that the isolate adds to what it has when it starts, in MiB. */
  readonly memoryMb: number;
  /** CPU time of an isolate after which it is retired: what is under way ends, nothing new begins. */
  readonly cpuSoftMs: number;
  /** CPU time of an isolate after which it is killed. */
  readonly cpuHardMs: number;
  /** Wall time of loading a module, in milliseconds. */
  readonly loadTimeoutMs: number;
  /** Wall time of one invocation. */
  readonly invocationTimeoutMs: number;
  /** Wall time of one execution. */
  readonly executionTimeoutMs: number;
  /** Encoded results of one execution. */
  readonly resultBytes: number;
  /** Lines that a session may log; more are dropped and counted. */
  readonly logLinesPerSecond: number;
}

/** What holds where neither config nor manifest say otherwise. */
export const DEFAULT_LIMITS: SessionLimits = {
  memoryMb: 512,
  cpuSoftMs: 600_000,
  cpuHardMs: 1_200_000,
  loadTimeoutMs: 10_000,
  invocationTimeoutMs: 30_000,
  executionTimeoutMs: 600_000,
  resultBytes: 64 * 1024 * 1024,
  logLinesPerSecond: 1_000,
};

/** Time between two looks at the memory and CPU time of an isolate, in milliseconds. */
export const SAMPLE_MS = 100;
/** How long an isolate may take to start, in milliseconds. */
export const START_TIMEOUT_MS = 10_000;
/** How long an isolate that lives on may take to let an execution go, in milliseconds. */
export const ABORT_GRACE_MS = 100;
