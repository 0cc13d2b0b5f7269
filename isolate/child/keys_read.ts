/**
 * Reads keys that are named one by one, those of events, over a link that stays open.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { RedisLink } from "../../redis/link/redis_link.ts";
import type { RedisAddress } from "../../redis/redis_url.ts";
import type { ServerAddress } from "../../contract/isolate/messages/host_messages.ts";
import type { PageSegment, ToHostThread } from "../../contract/isolate/worker_border.ts";
import type { PostToWorker } from "./session_links.ts";
import { ValueReader } from "./pages/value_reader.ts";

type KeysRequest = Extract<ToHostThread, { type: "readKeys" }>;

/** A link with the reader that uses it. */
interface Opened {
  readonly link: RedisLink;
  readonly reader: ValueReader;
}

const NO_BYTES = new Uint8Array();

/** Reads the keys that events name. */
export class ListedKeys {
  #address: RedisAddress;
  readonly #name: string;
  readonly #clustered: boolean;
  readonly #post: PostToWorker;
  #opening: Promise<Opened> | null = null;

  /** @param clustered Whether keys may lie in different slots. */
  constructor(address: RedisAddress, name: string, clustered: boolean, post: PostToWorker) {
    this.#address = address;
    this.#name = name;
    this.#clustered = clustered;
    this.#post = post;
  }

  /** Reads from this server from now on: it is the shard's master. */
  moveTo({ host, port }: ServerAddress): void {
    if (host === this.#address.host && port === this.#address.port) return;
    this.#address = { ...this.#address, host, port };
    this.close();
  }

  /** Closes the link; a request opens another one. */
  close(): void {
    this.#opening?.then(({ link }) => link.close(), () => {});
    this.#opening = null;
  }

  /** Reads keys; answers with a `keysRead` message. Those that are not there are in no segment. */
  async read({ id, keys, count, readValue }: KeysRequest): Promise<void> {
    const opening = this.#opening ??= this.#open();
    try {
      const { reader } = await opening;
      const page = { cursor: "0", count, keys };
      const segments = await (readValue ? reader.read(page) : reader.readTypes(page));
      this.#answer(id, segments);
    } catch (cause) {
      const { message } = cause as Error;
      const isDown = cause instanceof PinionError;
      if (isDown && this.#opening === opening) this.close();
      const error = isDown ? `REDISDOWN ${message}` : message;
      this.#post({ type: "keysRead", id, segments: [], error });
    }
  }

  /** Sends values only: the sandbox knows the names. */
  #answer(id: number, segments: readonly PageSegment[]): void {
    const unnamed = segments.map((segment) => ({ ...segment, keys: NO_BYTES }));
    const buffers = segments.flatMap(({ values }) => values === null ? [] : [values.buffer]);
    this.#post({ type: "keysRead", id, segments: unnamed }, buffers);
  }

  async #open(): Promise<Opened> {
    const link = await RedisLink.connect(this.#address, { name: this.#name });
    return { link, reader: new ValueReader(link, this.#clustered) };
  }
}
