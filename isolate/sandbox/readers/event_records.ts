/**
 * The events of a delivery as records, and the key of each: events of one key run in order.
 *
 * @module
 */

/** Events of one delivery. */
export interface EventRecords {
  readonly count: number;
  /** The key that all events have in common; null where each has its own. */
  readonly commonKey: string | null;
  /** The key of the event at an index. */
  keyAt(index: number): string;
  /** Gives what is known of the records without reading: `orderBy` sees that. */
  preview(from: number, to: number): unknown[];
  /** Reads what has to be read of the shard first; null where nothing has. Never rejects. */
  prepare(): Promise<void> | null;
  /**
   * Records of the events `from` to `to - 1`, of those that fit: fewer, or none.
   *
   * @throws why they could not be read
   */
  read(from: number, to: number): unknown[];
  /** Notes that the execution of these events is finished, or will not begin. */
  settle?(from: number, to: number, isDone: boolean): void;
}
