/**
 * A link between two meshes of one process.
 *
 * @module
 */

import { joinBytes } from "./join.ts";
import type { PeerLink } from "./peer_link.ts";

/** Bytes that wait to be read before the link says that it is not writable. */
const HIGH_WATER_BYTES = 256 * 1024;

/** The two ends of a new link. */
export function createLinkPair(): [PeerLink, PeerLink] {
  const [there, back] = [new Pipe(), new Pipe()];
  const close = () => {
    there.break();
    back.break();
  };
  return [new InProcessLink(there, back, close), new InProcessLink(back, there, close)];
}

/** One direction. */
class Pipe {
  #chunks: Uint8Array[] = [];
  #byteLength = 0;
  #state: "open" | "ended" | "broken" = "open";
  #waiting: PromiseWithResolvers<void> | null = null;
  onWritable = () => {};

  get isWritable(): boolean {
    return this.#state === "open" && this.#byteLength < HIGH_WATER_BYTES;
  }

  write(bytes: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#chunks.push(bytes);
    this.#byteLength += bytes.byteLength;
    this.#wake();
  }

  end(): void {
    if (this.#state === "open") this.#state = "ended";
    this.#wake();
  }

  break(): void {
    this.#state = "broken";
    this.#chunks = [];
    this.#wake();
  }

  async read(): Promise<Uint8Array | null> {
    while (true) {
      if (this.#state === "broken") throw new Deno.errors.BadResource("The link was closed");
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        const wasFull = !this.isWritable;
        this.#byteLength -= chunk.byteLength;
        if (wasFull && this.isWritable) queueMicrotask(() => this.onWritable());
        return chunk;
      }
      if (this.#state === "ended") return null;
      this.#waiting = Promise.withResolvers();
      await this.#waiting.promise;
    }
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = null;
  }
}

class InProcessLink implements PeerLink {
  readonly #there: Pipe;
  readonly #back: Pipe;
  readonly #close: () => void;

  constructor(there: Pipe, back: Pipe, close: () => void) {
    this.#there = there;
    this.#back = back;
    this.#close = close;
  }

  get isWritable(): boolean {
    return this.#there.isWritable;
  }

  set onWritable(callback: () => void) {
    this.#there.onWritable = callback;
  }

  read(): Promise<Uint8Array | null> {
    return this.#back.read();
  }

  write(parts: readonly Uint8Array[]): void {
    this.#there.write(joinBytes(parts));
  }

  end(): void {
    this.#there.end();
  }

  close(): void {
    this.#close();
  }
}
