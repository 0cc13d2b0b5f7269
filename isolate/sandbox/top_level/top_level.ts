/**
 * The top level of the script in this sandbox: whether what it reads from outside is written down,
 * given from a recording, or neither (libraries, and scripts that nobody loads again).
 *
 * @module
 */

import { decodeWire, encodeWire } from "../../../contract/isolate/wire.ts";
import { findExecution } from "../base/execution_scope.ts";
import type { OutsideEvent, OutsideReads, OutsideSource } from "./outside_source.ts";
import { Recorder } from "./recorder.ts";
import { Replayer } from "./replayer.ts";

/** The reads of a top level, as they go with a script's run and with a script that is kept. */
export interface TopLevelRecording {
  readonly recording?: Uint8Array;
  readonly unreplayable?: string;
}

/** Puts a source between the top level and its language's clocks; gives what ends that. */
export type WatchReads = (source: OutsideReads) => () => void;

/** Records or replays the reads of a script's top level. */
export class TopLevel {
  readonly #watch: WatchReads;
  #recorder: Recorder | null = null;
  #replayer: Replayer | null = null;
  #restore: () => void = () => {};
  #isLoading = false;

  constructor(watch: WatchReads) {
    this.#watch = watch;
  }

  /** True if the code that runs now is the top level of a module that is being loaded. */
  get isRunning(): boolean {
    return this.#isLoading && findExecution() === undefined;
  }

  /** True while a module is being loaded, also for executions that it has begun. */
  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** Begins, if the runtime asked for either. */
  begin({ record, replay }: { readonly record?: boolean; readonly replay?: Uint8Array }): void {
    if (replay !== undefined) {
      this.#replayer = new Replayer(decodeWire(replay) as readonly OutsideEvent[]);
      this.#restore = this.#watch(excludeExecutions(this.#replayer));
    } else if (record) {
      this.#recorder = new Recorder();
      this.#restore = this.#watch(excludeExecutions(this.#recorder));
    }
  }

  /** Evaluates the module. */
  load<T>(evaluate: () => Promise<T>): Promise<T> {
    this.#isLoading = true;
    return evaluate().finally(() => this.#isLoading = false);
  }

  /** Tells whether another shard does what the code that runs now does to the outside. */
  get isReplaying(): boolean {
    return this.#replayer !== null && findExecution() === undefined;
  }

  /** Stands between the code that runs now and the outside; null if nothing does. */
  get source(): OutsideSource | null {
    return findExecution() === undefined ? this.#replayer ?? this.#recorder : null;
  }

  /**
   * Ends the watch at `run()`: from now on the top level is on its own.
   *
   * @throws GearsError where it did not do what the recording says
   */
  async end(): Promise<TopLevelRecording> {
    this.#restore();
    this.#restore = () => {};
    this.#replayer?.end();
    const recorder = this.#recorder;
    this.#recorder = null;
    if (recorder === null) return {};
    const events = await recorder.end();
    if (recorder.refusal !== undefined) return { unreplayable: recorder.refusal };
    try {
      return { recording: encodeWire(events) };
    } catch {
      return { unreplayable: "its top level read something that cannot be sent" };
    }
  }

  /**
   * Ends the watch at the end of a script that lives on: everything is as ever from now on. Gives
   * what it has read.
   *
   * @throws as `end`
   */
  async keep(): Promise<TopLevelRecording> {
    const recording = await this.end();
    this.#replayer = null;
    return recording;
  }
}

/** The source for code outside of executions; within one, everything is as ever. */
function excludeExecutions(source: OutsideSource): OutsideReads {
  return {
    read: (what, live) => findExecution() === undefined ? source.read(what, live) : live(),
    spoil(what) {
      if (findExecution() === undefined) source.spoil(what);
    },
  };
}
