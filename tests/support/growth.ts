/**
 * Whether what was fed with many inputs keeps something of each.
 *
 * @module
 */

import { assert } from "@std/assert";

/**
 * What may be kept, and what the garbage collector may leave for later where it cannot be asked.
 */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
const MAX_GARBAGE_BYTES = 256 * 1024 * 1024;

/** Notes what this process holds now; what it returns fails where it holds a lot more later. */
export function watchGrowth(): () => void {
  const before = usedBytes();
  return () => {
    const { gc } = globalThis as { gc?: () => void };
    gc?.();
    const grown = usedBytes() - before;
    const limit = gc === undefined ? MAX_GARBAGE_BYTES : MAX_KEPT_BYTES;
    assert(grown < limit, `this process holds ${grown} bytes more than before`);
  };
}

/** What this process holds in its heap and its buffers. */
export function usedBytes(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
