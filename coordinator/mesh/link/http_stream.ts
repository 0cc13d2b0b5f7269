/**
 * One direction of a link: a POST whose body flows for as long as the link lives.
 *
 * The response's body carries single bytes that mean nothing. `fetch` leaves Nagle's algorithm on:
 * the kernel of the sending side holds small writes back until what went before is acknowledged,
 * and that of the receiving side acknowledges after 40 ms unless something is sent back. So the
 * receiving side sends something back.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { BodyWriter } from "./body_writer.ts";

/** Path of the POST. */
export const MESH_PATH = "/mesh";
/** Names the link. Random: who knows it belongs to the link. */
export const LINK_HEADER = "pinion-link";
/** The shard that sends, where it opens the link. The other direction has no such header. */
export const SHARD_HEADER = "pinion-shard";

/** Least time between two bytes sent back while much comes, in milliseconds. */
const NUDGE_MS = 1;
/** Pieces below this, one after the other, are talk: each is answered at once. */
const SMALL_BYTES = 4 * 1024;
/** Bytes that are read at a time; HTTP/2 gives 16 KiB at most. */
const READ_BYTES = 16 * 1024;
const NUDGE = new Uint8Array(1);

/** A stream that was opened to another runtime. */
export interface OutgoingStream {
  readonly writer: BodyWriter;
  /** Breaks it off. May be called again. */
  close(): void;
}

/** Options of a stream that is opened. */
export interface StreamOptions {
  readonly headers: Record<string, string>;
  /** Gives up; once the stream is open it has no effect. */
  readonly signal: AbortSignal;
  /** PEM of the authorities that sign the other's certificate. */
  readonly caCerts?: readonly string[];
  /** Called when it is over, whoever ended it. */
  readonly onClosed: () => void;
}

/**
 * Opens a stream on a connection of its own, which has broken when the stream has.
 *
 * @throws `RUNTIME_UNREACHABLE` where there is no such server, or it is not whom its certificate
 * names; `MESH_REFUSED` with its own words where it refuses
 */
export async function openStream(
  url: string,
  { headers, signal, caCerts, onClosed }: StreamOptions,
): Promise<OutgoingStream> {
  signal.throwIfAborted();
  const stream = new PostStream(caCerts, onClosed);
  const giveUp = () => stream.giveUp(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await stream.open(new URL(MESH_PATH, url), headers);
    return stream;
  } catch (error) {
    stream.close();
    throw toReason(error);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** Makes the error of a link of which one direction ended before both were open. */
export function endedEarly(): PinionError {
  return new PinionError("RUNTIME_UNREACHABLE", "It ended the link while it was opened");
}

/** A POST whose body is the stream. */
class PostStream implements OutgoingStream {
  readonly writer: BodyWriter;
  readonly #client: Deno.HttpClient;
  readonly #onClosed: () => void;
  readonly #abort = new AbortController();
  #state: "opening" | "open" | "closed" = "opening";
  /** `fetch` let go of the body: before the stream is open, it does that first and says why then. */
  #isLetGo = false;

  constructor(caCerts: readonly string[] | undefined, onClosed: () => void) {
    this.#onClosed = onClosed;
    this.#client = Deno.createHttpClient({
      http1: false,
      http2: true,
      poolMaxIdlePerHost: 0,
      ...(caCerts && { caCerts: [...caCerts] }),
    });
    this.writer = new BodyWriter(() => this.#letGo());
  }

  /** Sends the request. @throws why it is not taken */
  async open(url: URL, headers: Record<string, string>): Promise<void> {
    const response = await fetch(url, {
      method: "POST",
      body: this.writer.body,
      headers,
      client: this.#client,
      redirect: "error",
      signal: this.#abort.signal,
    });
    if (response.status !== 200 || response.body === null) {
      const why = await response.text() || `It answered with status ${response.status}`;
      throw new PinionError("MESH_REFUSED", why);
    }
    void discard(response.body).then(() => this.close());
    this.#state = "open";
    if (this.#isLetGo) throw endedEarly();
  }

  /** Nobody waits for it to open any more. */
  giveUp(reason: unknown): void {
    this.#abort.abort(reason);
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.writer.end();
    this.#abort.abort();
    this.#client.close();
    this.#onClosed();
  }

  #letGo(): void {
    if (this.#state === "opening") this.#isLetGo = true;
    else this.close();
  }
}

/** `fetch` says in the cause why it failed. */
function toReason(error: unknown): unknown {
  const cause = error instanceof TypeError ? error.cause : undefined;
  if (!(cause instanceof Error)) return error;
  const why = cause.message.replace(/^error sending request for url \(\S*\): /, "");
  return new PinionError("RUNTIME_UNREACHABLE", `it cannot be reached: ${why}`, { cause });
}

/** A stream that another runtime opened. */
export interface IncomingStream {
  /**
   * The next bytes that come, which hold until the next call; null when the other side has ended.
   *
   * @throws when it has broken
   */
  read(): Promise<Uint8Array | null>;
  readonly response: Response;
  /** Breaks it off. May be called again. */
  close(): void;
}

/** Takes the stream that comes as the body of a request. */
export function takeStream(body: ReadableStream<Uint8Array>): IncomingStream {
  const reader = body.getReader({ mode: "byob" });
  // Goes to the stream and comes back with each read.
  let buffer = new ArrayBuffer(READ_BYTES);
  const cancel = () => void reader.cancel().catch(() => {});
  const writer = new BodyWriter(cancel);
  const nudger = new Nudger(writer);
  const close = () => {
    nudger.stop();
    writer.end();
    cancel();
  };
  const read = async () => {
    const { value, done } = await reader.read(new Uint8Array(buffer));
    if (done) {
      close();
      return null;
    }
    nudger.nudge(value.byteLength);
    buffer = value.buffer;
    return value;
  };
  return { read, response: new Response(writer.body), close };
}

/** Sends a byte back for what has come. */
class Nudger {
  readonly #writer: BodyWriter;
  #nudgedAt = 0;
  #wasSmall = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(writer: BodyWriter) {
    this.#writer = writer;
  }

  /** Something has come. */
  nudge(byteLength: number): void {
    const isTalk = byteLength < SMALL_BYTES && this.#wasSmall;
    this.#wasSmall = byteLength < SMALL_BYTES;
    if (isTalk) return this.#send();
    if (this.#timer !== undefined) return;
    if (performance.now() - this.#nudgedAt < NUDGE_MS) {
      this.#timer = setTimeout(() => this.#send(), NUDGE_MS);
    } else this.#send();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#nudgedAt = performance.now();
    if (this.#writer.isWritable) this.#writer.write(NUDGE);
  }
}

/** Reads to the end; never throws. */
async function discard(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  try {
    while (!(await reader.read()).done);
  } catch {
    // Broken is over as well.
  }
}
