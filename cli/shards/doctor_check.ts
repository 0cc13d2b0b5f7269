/**
 * What a check of `doctor` is.
 *
 * @module
 */

import type { RemoteInput } from "../base/client.ts";

/** What a check found, and what to do about it. */
export interface Finding {
  readonly status: "ok" | "warn" | "fail";
  readonly found: string;
  /** What to do; not where all is well. */
  readonly advice?: string;
}

/** One thing that has to be right. It gives its finding, also where it cannot look. */
export interface Check {
  readonly name: string;
  readonly look: (remote: RemoteInput, signal: AbortSignal) => Promise<Finding>;
}

/** All is well. */
export function ok(found: string): Finding {
  return { status: "ok", found };
}

/** Something works, yet not for everything. */
export function warn(found: string, advice: string): Finding {
  return { status: "warn", found, advice };
}

/** Something does not work. */
export function fail(found: string, advice: string): Finding {
  return { status: "fail", found, advice };
}
