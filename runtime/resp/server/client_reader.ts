/**
 * Reads from one client into one buffer of fixed size, also while something else is under way: a
 * client that leaves is noticed as long as there is room to read ahead.
 *
 * @module
 */

/** The reading side of a client's connection. */
export class ClientReader {
  readonly #conn: Deno.Conn;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  #start = 0;
  #end = 0;
  /** The read that is under way; while it is, nothing is moved in the buffer. */
  #reading: Promise<boolean> | undefined;
  #isEnded = false;
  #lastReadMs = performance.now();
  /** Whom to tell that the client has left, while work of ours is under way. */
  #onEnd: (() => void) | undefined;

  /** Reads ahead up to `bufferBytes`. */
  constructor(conn: Deno.Conn, bufferBytes: number) {
    this.#conn = conn;
    this.#buffer = new Uint8Array(bufferBytes);
  }

  /** What `start` and `end` point into. */
  get buffer(): Uint8Array<ArrayBuffer> {
    return this.#buffer;
  }

  /** Offset of the first byte that was not consumed. */
  get start(): number {
    return this.#start;
  }

  /** Offset after the last byte that was read. */
  get end(): number {
    return this.#end;
  }

  /** Whether the client sends nothing more. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** When something came last, by `performance.now()`. */
  get lastReadMs(): number {
    return this.#lastReadMs;
  }

  /** Consumes up to an offset. */
  consume(offset: number): void {
    this.#start = offset;
  }

  /** Reads more; whether there is any. The buffer must not be full of what is not consumed. */
  more(): boolean | Promise<boolean> {
    return this.#isEnded ? false : this.#reading ??= this.#read();
  }

  /**
   * Reads ahead from now on, as far as there is room, while work of ours is under way.
   *
   * @param onEnd Called if the client leaves before {@linkcode unwatch}; at once if it has left.
   */
  watch(onEnd: () => void): void {
    if (this.#isEnded) return onEnd();
    this.#onEnd = onEnd;
    this.#readAhead();
  }

  /** The work is done: reads nothing more by itself. */
  unwatch(): void {
    this.#onEnd = undefined;
  }

  #readAhead(): void {
    if (this.#hasRoom) this.#reading ??= this.#read();
  }

  get #hasRoom(): boolean {
    return this.#end - this.#start < this.#buffer.length;
  }

  /** Reads; whether there was something. */
  async #read(): Promise<boolean> {
    this.#makeRoom();
    try {
      const bytes = await this.#conn.read(this.#buffer.subarray(this.#end));
      if (bytes === null) this.#isEnded = true;
      else this.#end += bytes;
      this.#lastReadMs = performance.now();
    } catch {
      this.#isEnded = true;
    }
    this.#reading = undefined;
    if (this.#onEnd !== undefined) this.#wentOn();
    return !this.#isEnded;
  }

  /** Something came, or the end, while work of ours is under way. */
  #wentOn(): void {
    if (!this.#isEnded) return this.#readAhead();
    this.#onEnd?.();
    this.#onEnd = undefined;
  }

  /** Moves what is left to the front where the space behind it is short. */
  #makeRoom(): void {
    if (this.#start === this.#end) {
      this.#start = this.#end = 0;
    } else if (this.#start > 0 && this.#end > this.#buffer.length / 2) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
  }
}
