/**
 * The batch that the benchmarks of the mesh send.
 *
 * @module
 */

/** Its size. */
export const BATCH_BYTES = 64 * 1024;
