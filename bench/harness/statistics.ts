/**
 * Medians and percentiles.
 *
 * @module
 */

/** What several runs of the same work came to. */
export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** In the order in which they were measured. */
  readonly samples: readonly number[];
}

/** Sums up `samples`, of which there must be one at least. */
export function summarize(samples: readonly number[]): Figure {
  const sorted = samples.toSorted((a, b) => a - b);
  return { median: percentile(sorted, 0.5), min: sorted[0], max: sorted.at(-1)!, samples };
}

/**
 * The value below which the part `fraction` of the samples lies, between two samples by their
 * distance.
 */
export function percentile(sorted: readonly number[], fraction: number): number {
  const place = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(place)];
  return below + (sorted[Math.ceil(place)] - below) * (place - Math.floor(place));
}

/** As {@linkcode percentile}, of samples in any order. */
export function percentileOf(samples: Iterable<number>, fraction: number): number {
  return percentile([...samples].sort((a, b) => a - b), fraction);
}
