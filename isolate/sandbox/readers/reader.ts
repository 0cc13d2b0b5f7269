/**
 * The interface of a reader at work.
 *
 * @module
 */

/** Records as they are read, with estimates of how far the reader is. */
export interface ReadBatch {
  readonly records: unknown[];
  readonly scanned?: number;
  readonly expected?: number;
}

/** A reader at work: batches in order. Leaving the loop closes it. */
export type OpenReader = AsyncGenerator<ReadBatch, void, void>;
