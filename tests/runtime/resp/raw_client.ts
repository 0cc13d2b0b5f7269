/**
 * A RESP client that sends exactly the bytes it is told to and shows exactly what comes back.
 *
 * @module
 */

import { FrameScanner } from "../../../redis/frame_scanner.ts";

/** How long a test waits for a frame or for the end of a connection. */
const DEADLINE_MS = 10_000;

/** One connection. */
export class RawClient implements Disposable {
  readonly #conn: Deno.TcpConn;
  readonly #scanner = new FrameScanner();
  #chunk: Uint8Array = new Uint8Array(0);
  #begun: Uint8Array[] = [];

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Connects. */
  static async connect(address: { hostname: string; port: number }): Promise<RawClient> {
    const conn = await Deno.connect(address);
    conn.setNoDelay(true);
    return new RawClient(conn);
  }

  /** Sends text or bytes as they are. */
  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
  }

  /** Sends a command as an array of bulk strings. */
  async command(...args: readonly string[]): Promise<void> {
    await this.send(encodeCommand(...args));
  }

  /** Sends a command and waits for the next frame. */
  async ask(...args: readonly string[]): Promise<string> {
    await this.command(...args);
    return await this.frame();
  }

  /** The next frame as text; rejects if the connection ends first. */
  async frame(): Promise<string> {
    const frame = await this.next();
    if (frame === null) throw new Error("expected a frame, got the end of the connection");
    return frame;
  }

  /** The next so many frames. */
  async frames(count: number): Promise<string[]> {
    const frames: string[] = [];
    while (frames.length < count) frames.push(await this.frame());
    return frames;
  }

  /** The next frame, or null at the end of the connection. */
  async next(): Promise<string | null> {
    while (true) {
      const end = this.#scanner.scan(this.#chunk, 0);
      if (end >= 0) {
        this.#begun.push(this.#chunk.subarray(0, end));
        this.#chunk = this.#chunk.subarray(end);
        return decodeParts(this.#begun.splice(0));
      }
      this.#begun.push(this.#chunk);
      const more = await this.read();
      if (more === null) return null;
      this.#chunk = more;
    }
  }

  /** What the connection gives next, as it is; null at its end or when it is reset. */
  async read(): Promise<Uint8Array | null> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      const read = await deadline(this.#conn.read(buffer), DEADLINE_MS);
      return read === null ? null : buffer.subarray(0, read);
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    }
  }

  /** Everything up to the end of the connection, as text. */
  async rest(): Promise<string> {
    const parts = [...this.#begun.splice(0), this.#chunk];
    for (let part; (part = await this.read()) !== null;) parts.push(part);
    return decodeParts(parts);
  }

  /** Says that nothing more will be sent. */
  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // Closed by a deadline.
    }
  }
}

/** A command as an array of bulk strings. */
export function encodeCommand(...args: readonly string[]): string {
  const length = (text: string) => new TextEncoder().encode(text).length;
  return `*${args.length}\r\n` + args.map((arg) => `$${length(arg)}\r\n${arg}\r\n`).join("");
}

/** A bulk string. */
export function bulk(text: string): string {
  return `$${new TextEncoder().encode(text).length}\r\n${text}\r\n`;
}

/** Rejects if it takes longer. */
export async function deadline<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing happened within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error("the condition never held");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function decodeParts(parts: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
}
