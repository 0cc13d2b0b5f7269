/**
 * The pages that readers of this room give.
 *
 * @module
 */

import type { PageSegment } from "../../../contract/isolate/worker_border.ts";

/** A page as a reader gives it. */
export interface KeyPage {
  readonly segments: readonly PageSegment[];
  /** Keys that have been looked at so far: an estimate. */
  readonly scanned: number;
  /** Keys that there are: an estimate. */
  readonly expected: number;
}
