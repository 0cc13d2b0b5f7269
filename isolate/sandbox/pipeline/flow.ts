/**
 * The way of records from a reader to the results: the interface of what is between them.
 *
 * @module
 */

import type { StepFigures } from "../../../contract/isolate/messages/execution_messages.ts";
import type { Batch } from "../base/batch.ts";

/** Takes what comes out at the end; the promise, if any, resolves when there is room for more. */
export type EmitBatch = (batch: Batch) => void | Promise<void>;

/**
 * Steps of an execution: a `Pipeline` where one shard runs them, a `StagedFlow` where several do.
 */
export interface Flow {
  /** Figures of each step of the plan so far. */
  readonly figures: readonly StepFigures[];
  /** True once no further record can come out, whatever is pushed. */
  readonly isExhausted: boolean;
  /** Number of records of the next batch that can be of use. */
  readonly demand: number;
  /** Begins, in the scope of the execution whose callbacks it calls. */
  begin(): void;
  /** Takes the next batch; the promise, if any, resolves when there is room for one more. */
  push(batch: Batch): void | Promise<void>;
  /** Ends the flow; resolves when everything has come out. */
  end(): Promise<void>;
  /** Resolves when nothing is outstanding. */
  settled(): Promise<void>;
  /** Lets go of what waits: nobody wants it any more. */
  abort(): void;
}
