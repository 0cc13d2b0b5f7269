/**
 * The steps of one registration, run over the few records of one execution after the other.
 *
 * A record by itself goes through steps that keep nothing (`map`, `filter`, `forEach`) in a plain
 * loop: a pipeline for each of them would cost more than what the author's functions do.
 *
 * @module
 */

import type { CompiledRegistration } from "../../../sdk/compile_registration.ts";
import type { RegistrationPlan } from "../../../contract/plan/registration.ts";
import type { CallbackRef } from "../../../contract/plan/step.ts";
import { isShuffle } from "../../../contract/plan/step_kinds.ts";
import { type Batch, isPromise } from "../base/batch.ts";
import { findCallback } from "../steps/step_context.ts";
import { Pipeline } from "../pipeline/pipeline.ts";
import type { Callback, FuseSteps, StepContext } from "../steps/step_runner.ts";

/** Errors that an execution threw, in order; empty if all went well. */
export type RunErrors = readonly unknown[];

/** Takes records that come out at the end. */
export type TakeRecords = (records: readonly unknown[]) => void;

/** The part of its sandbox that a registration's plan needs. */
export interface PlanDeps {
  /** Tells whether a promise is what `execute()` gave last, for the shard's own Redis. */
  isCommand(promise: unknown): boolean;
  /** Runs several steps at once, where the author's language has that. */
  readonly fuse?: FuseSteps;
}

/** A step that looks at one record and keeps nothing. */
interface PlainStep {
  readonly kind: "map" | "filter" | "foreach";
  readonly callback: Callback;
}

const NO_ERRORS: RunErrors = Object.freeze([]);
const PLAIN = new Set<string>(["map", "filter", "foreach"]);

/** Runs one registration's steps. */
export class RegisteredPlan {
  readonly plan: RegistrationPlan;
  readonly #callbacks: readonly Callback[];
  /** Steps that take a record by itself; null where there are others. */
  readonly #plain: readonly PlainStep[] | null;
  /** The function of the last step, where its answer is the end of the execution. */
  readonly #lastRef: CallbackRef | null;
  readonly #isCommand: (promise: unknown) => boolean;
  readonly #fuse: FuseSteps | undefined;
  #waitsForReplies = false;

  constructor(compiled: CompiledRegistration, { isCommand, fuse }: PlanDeps) {
    this.plan = compiled.plan;
    this.#callbacks = compiled.callbacks;
    this.#isCommand = isCommand;
    this.#fuse = fuse;
    const steps = compiled.plan.steps.filter((step) => !isShuffle(step));
    this.#plain = fuse === undefined && steps.every(({ type }) => PLAIN.has(type))
      ? steps.map((step) => ({
        kind: step.type as PlainStep["kind"],
        callback: this.callback((step as { callback: CallbackRef }).callback),
      }))
      : null;
    const last = steps.at(-1);
    this.#lastRef = last !== undefined && PLAIN.has(last.type)
      ? (last as { callback: CallbackRef }).callback
      : null;
  }

  /** The function behind a reference. */
  callback(ref: CallbackRef): Callback {
    return findCallback(ref, this.#callbacks);
  }

  /**
   * Tells whether what the last call of {@linkcode run} began only waits for replies to commands
   * that have been given in order: no function of the author's is called any more.
   */
  get waitsForReplies(): boolean {
    return this.#waitsForReplies;
  }

  /** Runs the steps over the records of one execution. Never throws, never rejects. */
  run(records: unknown[], take?: TakeRecords): RunErrors | Promise<RunErrors> {
    this.#waitsForReplies = false;
    if (this.#plain === null || records.length !== 1) return this.#runBatch(records, take);
    return this.#runPlain(this.#plain, records[0], 0, take);
  }

  /** Takes one record from step `from` on. */
  #runPlain(
    steps: readonly PlainStep[],
    record: unknown,
    from: number,
    take: TakeRecords | undefined,
  ): RunErrors | Promise<RunErrors> {
    let current = record;
    for (let index = from; index < steps.length; index++) {
      const { kind, callback } = steps[index];
      let outcome: unknown;
      try {
        outcome = callback(current);
      } catch (error) {
        return [error];
      }
      if (isPromise(outcome)) {
        if (from === 0) {
          this.#waitsForReplies = index === steps.length - 1 && this.#isCommand(outcome);
        }
        const before = current;
        return Promise.resolve(outcome).then((settled) => {
          if (kind === "filter" && !settled) return NO_ERRORS;
          return this.#runPlain(steps, kind === "map" ? settled : before, index + 1, take);
        }, toErrors);
      }
      if (kind === "map") current = outcome;
      else if (kind === "filter" && !outcome) return NO_ERRORS;
    }
    take?.([current]);
    return NO_ERRORS;
  }

  #runBatch(records: unknown[], take: TakeRecords | undefined): RunErrors | Promise<RunErrors> {
    const errors: unknown[] = [];
    const trace = new CallTrace(this.#isCommand);
    const context: StepContext = {
      callback: (ref) => {
        const callback = this.callback(ref);
        return ref.source === "author" && this.#fuse === undefined
          ? trace.watch(callback, ref === this.#lastRef)
          : callback;
      },
      fail: (error) => void errors.push(error),
      window: this.plan.window,
      fuse: this.#fuse,
    };
    const emit = (batch: Batch) => take?.(batch.records);
    const pipeline = new Pipeline(this.plan.steps, context, emit);
    const pushed = records.length <= pipeline.demand
      ? pipeline.push({ records, keys: null })
      : pushInParts(pipeline, records);
    this.#waitsForReplies = trace.onlyCommands && records.length <= this.plan.window;
    trace.close();
    const ended = pushed === undefined ? pipeline.end() : pushed.then(() => pipeline.end());
    return ended.then(() => errors, (error) => [...errors, error]);
  }
}

/** Pushes no more at a time than what a limit lets pass. */
async function pushInParts(pipeline: Pipeline, records: unknown[]): Promise<void> {
  for (let from = 0; from < records.length && !pipeline.isExhausted;) {
    const size = pipeline.demand;
    await pipeline.push({ records: records.slice(from, from + size), keys: null });
    from += size;
  }
}

/** Sees what an author's functions answer while a batch is pushed, before anything is awaited. */
class CallTrace {
  readonly #isCommand: (promise: unknown) => boolean;
  #isOpen = true;
  #hasCommands = false;
  #hasOthers = false;

  constructor(isCommand: (promise: unknown) => boolean) {
    this.#isCommand = isCommand;
  }

  /** Tells whether the last step gave commands, and nothing else answered with a promise. */
  get onlyCommands(): boolean {
    return this.#hasCommands && !this.#hasOthers;
  }

  close(): void {
    this.#isOpen = false;
  }

  watch(callback: Callback, isLast: boolean): Callback {
    return (...args) => {
      const outcome = callback(...args);
      if (this.#isOpen && isPromise(outcome)) {
        if (isLast && this.#isCommand(outcome)) this.#hasCommands = true;
        else this.#hasOthers = true;
      }
      return outcome;
    };
  }
}

function toErrors(error: unknown): RunErrors {
  return [error];
}
