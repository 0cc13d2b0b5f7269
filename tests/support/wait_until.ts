/**
 * Waits for a condition instead of sleeping.
 *
 * @module
 */

/** Resolves when `condition` holds. @throws Error if it does not within `deadlineMs` */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 5_000,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!await condition()) {
    if (performance.now() >= end) throw new Error(`Not within ${deadlineMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
