/** Options of `delay`. */
export interface DelayOptions {
  /** Aborting it rejects the delay with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Keeps the process alive while it waits. Default: true. */
  readonly persistent?: boolean;
}

/** Resolves after `durationMs`. */
export function delay(durationMs: number, options?: DelayOptions): Promise<void>;
