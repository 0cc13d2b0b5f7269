/** Settles as `promise` does, and rejects with the signal's reason once it is aborted. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T>;
