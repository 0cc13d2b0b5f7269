/**
 * Finds the keys of a shard, page by page.
 *
 * @module
 */

import type { PageSegment } from "../../../contract/isolate/worker_border.ts";
import type { ScannedKeys } from "./scan_reply.ts";

/** A page whose values are larger is followed by smaller ones. */
const TARGET_PAGE_BYTES = 2 * 1024 * 1024;

/** Finds keys page by page. */
export interface KeySource {
  /** About how many keys the next page looks at. */
  readonly count: number;
  /**
   * The next page; cursor `"0"` says that it is the last. @throws Error with what Redis answered
   */
  next(): Promise<ScannedKeys>;
  /** Keeps pages near the size that memory is planned for, whatever the size of values. */
  adapt(segments: readonly PageSegment[]): void;
}

/** Chooses how many keys the next page looks at, after one of `count` came to `segments`. */
export function nextCount(
  count: number,
  maxCount: number,
  segments: readonly PageSegment[],
): number {
  let byteLength = 0;
  for (const { values } of segments) byteLength += values?.byteLength ?? 0;
  if (byteLength > TARGET_PAGE_BYTES) return Math.max(1, count >> 1);
  return byteLength < TARGET_PAGE_BYTES >> 2 ? Math.min(maxCount, count << 1) : count;
}
