/**
 * Writes to one client, on behalf of two: what Redis sends, and the replies to commands of ours.
 *
 * A reply of ours goes out between two frames only. Nothing is queued but what is being written, so
 * a client that does not read stops the one who writes.
 *
 * @module
 */

/** The writing side of a client's connection. */
export class ClientSink {
  readonly #conn: Deno.Conn;
  #tail: Promise<void> = Promise.resolve();
  #atBoundary = true;
  #waiting: (() => void)[] = [];
  #writingSinceMs = 0;
  /** Writes that are not through. */
  #writes = 0;
  #isClosed = false;

  /** Nobody else may write to the connection. */
  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Since when a write has been under way, by `performance.now()`; 0 if none is. */
  get writingSinceMs(): number {
    return this.#writingSinceMs;
  }

  /** Whether, after all that was handed in, no frame is open. */
  get atBoundary(): boolean {
    return this.#atBoundary;
  }

  /** Passes on what Redis sent; resolves when it is written, rejects when the client has gone. */
  pass(parts: readonly Uint8Array[], endsAtBoundary: boolean): Promise<void> {
    this.#atBoundary = endsAtBoundary;
    const written = this.#enqueue(parts);
    if (endsAtBoundary && this.#waiting.length > 0) {
      for (const wake of this.#waiting.splice(0)) wake();
    }
    return written;
  }

  /**
   * Writes a reply of ours, as soon as no frame is open. Resolves as well when the client has gone,
   * which whoever reads from it sees.
   */
  async reply(bytes: Uint8Array): Promise<void> {
    while (!this.#atBoundary && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#isClosed) return;
    try {
      await this.#enqueue([bytes]);
    } catch {
      this.close();
    }
  }

  /** Ends the waiting of those whose turn will not come. */
  close(): void {
    this.#isClosed = true;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #enqueue(parts: readonly Uint8Array[]): Promise<void> {
    const isFirst = this.#writes++ === 0;
    this.#tail = isFirst ? this.#write(parts) : this.#tail.then(() => this.#write(parts));
    // Whoever wrote sees the failure; those behind it fail on their own.
    this.#tail.catch(() => {});
    return this.#tail;
  }

  async #write(parts: readonly Uint8Array[]): Promise<void> {
    this.#writingSinceMs = performance.now();
    try {
      for (const part of parts) {
        const written = await this.#conn.write(part);
        if (written < part.length) await writeAll(this.#conn, part.subarray(written));
      }
    } finally {
      this.#writingSinceMs = 0;
      this.#writes--;
    }
  }
}

/** Writes all of the bytes. */
export async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(at === 0 ? bytes : bytes.subarray(at));
  }
}
