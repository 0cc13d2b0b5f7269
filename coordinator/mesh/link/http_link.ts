/**
 * A link over two HTTP/2 streams, one for each direction. Each side sends on the stream that it
 * opened itself, as the body of a POST.
 *
 * ```text
 *  dialler                                   listener
 *     │ POST, link and shard in its headers     │
 *     ├────────────────────────────────────────►│   looks up where the shard is
 *     │        POST, the same link in its header│
 *     │◄────────────────────────────────────────┤
 * ```
 *
 * @module
 */

import {
  endedEarly,
  type IncomingStream,
  LINK_HEADER,
  MESH_PATH,
  openStream,
  type OutgoingStream,
  SHARD_HEADER,
  takeStream,
} from "./http_stream.ts";
import { joinBytes } from "./join.ts";
import type { PeerLink } from "./peer_link.ts";

/** Options of a set of links. */
export interface HttpLinksOptions {
  /** This runtime's shard now. */
  readonly shardId: () => string;
  /** PEM of the authorities that sign the others' certificates, where links are encrypted. */
  readonly caCerts?: readonly string[];
  /** Greatest number of links that are being opened by others. */
  readonly strangers: number;
  /** Time that a link may take to open, in milliseconds. */
  readonly timeoutMs: number;
  /** URL of another shard's mesh, if it is known. */
  readonly urlOf: (shardId: string) => string | undefined;
  /** Takes the links that others open. */
  readonly onLink: (link: PeerLink) => void;
}

/** Opens links to other runtimes and takes theirs. */
export class HttpLinks {
  readonly #options: HttpLinksOptions;
  /** Links that this runtime opens, whose other direction has not come yet. */
  readonly #awaited = new Map<string, (stream: IncomingStream) => void>();
  #strangers = 0;

  constructor(options: HttpLinksOptions) {
    this.#options = options;
  }

  /** Opens a link. @throws whatever is wrong with the other side; the reason of `signal` */
  async dial(url: string, signal: AbortSignal): Promise<PeerLink> {
    const id = crypto.randomUUID();
    const there = Promise.withResolvers<IncomingStream>();
    const giveUp = () => there.reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    // Handled where it is awaited; it may be rejected before.
    there.promise.catch(() => {});
    this.#awaited.set(id, there.resolve);
    let outgoing: OutgoingStream | null = null;
    try {
      const { shardId, caCerts } = this.#options;
      const headers = { [LINK_HEADER]: id, [SHARD_HEADER]: shardId() };
      const onClosed = () => {
        there.reject(endedEarly());
        there.promise.then((incoming) => incoming.close(), () => {});
      };
      outgoing = await openStream(url, { headers, signal, caCerts, onClosed });
      return new HttpLink(outgoing, await there.promise);
    } catch (error) {
      outgoing?.close();
      throw error;
    } finally {
      this.#awaited.delete(id);
      signal.removeEventListener("abort", giveUp);
    }
  }

  /** Answers a request of another runtime. */
  serve(request: Request): Response {
    const id = request.headers.get(LINK_HEADER);
    if (request.method !== "POST" || new URL(request.url).pathname !== MESH_PATH) {
      return new Response("There is only a mesh here", { status: 404 });
    }
    if (id === null || request.body === null) {
      return new Response("This opens no link of a mesh", { status: 400 });
    }
    const shardId = request.headers.get(SHARD_HEADER);
    if (shardId !== null) return this.#dialBack(id, shardId, request.body);
    const resolve = this.#awaited.get(id);
    if (resolve === undefined) return new Response("No such link is awaited", { status: 409 });
    this.#awaited.delete(id);
    const incoming = takeStream(request.body);
    resolve(incoming);
    return incoming.response;
  }

  #dialBack(id: string, shardId: string, body: ReadableStream<Uint8Array>): Response {
    const url = this.#options.urlOf(shardId);
    if (url === undefined) {
      return new Response("The shard is not known here as one of the cluster yet", { status: 409 });
    }
    if (this.#strangers >= this.#options.strangers) {
      return new Response("Too many links are being opened", { status: 503 });
    }
    const incoming = takeStream(body);
    void this.#complete(id, url, incoming);
    return incoming.response;
  }

  async #complete(id: string, url: string, incoming: IncomingStream): Promise<void> {
    const { caCerts, timeoutMs, onLink } = this.#options;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    this.#strangers++;
    try {
      const headers = { [LINK_HEADER]: id };
      const { signal } = timeout;
      const onClosed = incoming.close;
      const outgoing = await openStream(url, { headers, signal, caCerts, onClosed });
      onLink(new HttpLink(outgoing, incoming));
    } catch {
      // The dialler waits for this direction in vain, gives up and says so.
      incoming.close();
    } finally {
      clearTimeout(timer);
      this.#strangers--;
    }
  }
}

class HttpLink implements PeerLink {
  readonly #outgoing: OutgoingStream;
  readonly #incoming: IncomingStream;

  constructor(outgoing: OutgoingStream, incoming: IncomingStream) {
    this.#outgoing = outgoing;
    this.#incoming = incoming;
  }

  get isWritable(): boolean {
    return this.#outgoing.writer.isWritable;
  }

  set onWritable(callback: () => void) {
    this.#outgoing.writer.onWritable = callback;
  }

  read(): Promise<Uint8Array | null> {
    return this.#incoming.read();
  }

  write(parts: readonly Uint8Array[]): void {
    this.#outgoing.writer.write(joinBytes(parts));
  }

  end(): void {
    this.#outgoing.writer.end();
  }

  close(): void {
    this.#outgoing.close();
    this.#incoming.close();
  }
}
