/**
 * Bounds of the isolates of one runtime: its configuration names them, its pool holds to them.
 *
 * @module
 */

/** Numbers of isolates. */
export interface PoolOptions {
  /** Started in advance. Default 1. */
  readonly prestarted: number;
  /** Running and prestarted together. Default 64. */
  readonly maxIsolates: number;
}

/** The defaults of {@linkcode PoolOptions}. */
export const DEFAULT_POOL: PoolOptions = { prestarted: 1, maxIsolates: 64 };
