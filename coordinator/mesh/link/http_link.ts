/**
 * A link over one HTTP/2 stream: a POST whose body and whose response's body flow at the same time.
 *
 * @module
 */

import { joinBytes } from "./join.ts";
import type { Link } from "./link.ts";

/** Bytes that wait in the stream before the link says that it is not writable. */
const HIGH_WATER_BYTES = 512 * 1024;
/** Path of the POST. */
export const MESH_PATH = "/mesh";

/** How the side that dials knows the other one, where the link is encrypted. */
export interface DialTls {
  /** PEM of the authorities that may have signed the other side's certificate. */
  readonly caCerts: readonly string[];
}

/** The writing half of a link as a body. */
class BodyWriter {
  readonly body: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #isOver = false;
  onWritable = () => {};

  /** @param onCancel Called when the other side takes no more. */
  constructor(onCancel: () => void) {
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.onWritable(),
      cancel: () => {
        this.#isOver = true;
        onCancel();
      },
    }, new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_BYTES }));
  }

  get isWritable(): boolean {
    return !this.#isOver && (this.#controller.desiredSize ?? 0) > 0;
  }

  write(parts: readonly Uint8Array[]): void {
    if (!this.#isOver) this.#controller.enqueue(joinBytes(parts));
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller.close();
  }
}

class HttpLink implements Link {
  readonly received: AsyncIterable<Uint8Array>;
  readonly #writer: BodyWriter;
  readonly #close: () => void;
  #isClosed = false;

  constructor(writer: BodyWriter, received: AsyncIterable<Uint8Array>, close: () => void) {
    this.#writer = writer;
    this.received = received;
    this.#close = close;
  }

  get isWritable(): boolean {
    return this.#writer.isWritable;
  }

  set onWritable(callback: () => void) {
    this.#writer.onWritable = callback;
  }

  write(parts: readonly Uint8Array[]): void {
    this.#writer.write(parts);
  }

  end(): void {
    this.#writer.end();
  }

  close(): void {
    // A body that fails would be reported by Deno.serve as a fault of this server.
    this.#writer.end();
    if (!this.#isClosed) this.#close();
    this.#isClosed = true;
  }
}

/**
 * Opens a link on a connection of its own: one that has broken takes no other link with it.
 *
 * @param signal Gives up; once the link is open it has no effect.
 * @throws TypeError and the like where there is no such server
 */
export async function dialHttp(
  url: string,
  { signal, tls }: { readonly signal: AbortSignal; readonly tls?: DialTls },
): Promise<Link> {
  signal.throwIfAborted();
  const client = Deno.createHttpClient({
    http1: false,
    http2: true,
    poolMaxIdlePerHost: 0,
    ...(tls && { caCerts: [...tls.caCerts] }),
  });
  const abort = new AbortController();
  const close = () => {
    abort.abort();
    client.close();
  };
  const giveUp = () => abort.abort(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  const writer = new BodyWriter(() => abort.abort());
  try {
    const response = await fetch(new URL(MESH_PATH, url), {
      method: "POST",
      body: writer.body,
      client,
      redirect: "error",
      signal: abort.signal,
    });
    if (response.status !== 200 || response.body === null) {
      throw new Error(`It answered with status ${response.status}`);
    }
    return new HttpLink(writer, readAll(response.body.getReader()), close);
  } catch (error) {
    writer.end();
    close();
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** The response that opens a link on the listening side; the link is given to `onLink`. */
export function acceptHttp(request: Request, onLink: (link: Link) => void): Response {
  if (request.method !== "POST" || new URL(request.url).pathname !== MESH_PATH) {
    return new Response(null, { status: 404 });
  }
  if (request.body === null) return new Response(null, { status: 400 });
  const reader = request.body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  const writer = new BodyWriter(cancel);
  onLink(new HttpLink(writer, readAll(reader), cancel));
  return new Response(writer.body);
}

async function* readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  while (true) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}
