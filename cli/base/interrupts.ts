/**
 * Ctrl-C and SIGTERM as an `AbortSignal`.
 *
 * @module
 */

/** Exit code after a second Ctrl-C, as a shell has it. */
const FORCED_EXIT = 130;

/** The signal, until it is disposed. */
export interface Interrupts extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Watches both signals: the first aborts, so that work can be put in order, the second ends the
 * process at once.
 */
export function watchInterrupts(): Interrupts {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) Deno.exit(FORCED_EXIT);
    controller.abort(new DOMException("interrupted", "AbortError"));
  };
  const signals: Deno.Signal[] = ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose](): void {
      for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
    },
  };
}

/** Resolves when `signal` is aborted; at once if it is already. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
