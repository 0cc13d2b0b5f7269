/**
 * Reads one key by its name, at the server that has it.
 *
 * In a run over a cluster each shard answers for the slots that it owned when the run began. Where
 * the key has left since then, or is about to, it is read where its server sends it.
 *
 * @module
 */

import { delay } from "@std/async";
import { RedisLink } from "../../../redis/link/redis_link.ts";
import type { RedisAddress } from "../../../redis/redis_url.ts";
import { RespDecoder } from "../../../redis/resp_decoder.ts";
import { RespEncoder } from "../../../redis/resp_encoder.ts";
import { keySlot } from "../../../redis/slots.ts";
import type { ServerAddress } from "../../../contract/isolate/messages/host_messages.ts";
import type { PageSegment, ReadRequest } from "../../../contract/isolate/worker_border.ts";
import { AskingLink, type RequestLink } from "./asking_link.ts";
import { ask, withoutValues } from "./key_scanner.ts";
import { isElsewhere, type ScannedKeys, throwIfError } from "./scan_reply.ts";
import { ValueReader } from "./value_reader.ts";

/** Servers that are asked for the key, one after the other. */
const MAX_HOPS = 16;
/** Hops that are made at once. */
const PROMPT_HOPS = 2;
/** Time before any other hop, in milliseconds. */
const PAUSE_MS = 50;

type KeysRequest = Extract<ReadRequest, { kind: "keys" }>;

/** The server that a key is read from, and the way. */
export interface OneKeyPlace {
  readonly address: RedisAddress;
  /** The name that CLIENT SETNAME gets. */
  readonly name: string;
  readonly clustered: boolean;
}

/**
 * The key as a segment, or none.
 *
 * @param link To the shard.
 * @throws Error with what Redis answered; one that says so where the key keeps moving
 */
export async function readOneKey(
  link: RedisLink,
  request: KeysRequest,
  { address, name, clustered }: OneKeyPlace,
): Promise<readonly PageSegment[]> {
  const { pattern: key, slots } = request;
  if (slots !== undefined && !isIn(keySlot(key), slots)) return [];
  const page = pageOf(key);
  using opened = new DisposableStack();
  let asked: RequestLink = link;
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    if (hops > PROMPT_HOPS) await delay(PAUSE_MS);
    const reply = await ask(asked, ["EXISTS", key]);
    if (isElsewhere(reply)) {
      // Without other shards in the run, the keys of other shards are not meant.
      if (slots === undefined) return [];
      const there = { ...address, ...readPlace(reply, address.host) };
      asked = new AskingLink(opened.use(await RedisLink.connect(there, { name })));
      continue;
    }
    const exists = new RespDecoder(reply);
    throwIfError(exists);
    if (exists.next() === 0) return request.emptyRecord ? [emptyPage(page, request)] : [];
    if (!request.readValue) return [withoutValues(page)];
    const segments = await new ValueReader(asked, clustered).read(page);
    if (segments.length > 0) return segments;
    // It was deleted or has left just now: the next look tells.
  }
  throw new Error("SLOTSMOVED The key kept moving while it was read: run it again");
}

function pageOf(key: string): ScannedKeys {
  const encoder = new RespEncoder();
  encoder.command([key]);
  // A command of one word is `*1` and the word as a bulk string.
  return { cursor: "0", count: 1, keys: encoder.take().slice("*1\r\n".length) };
}

function emptyPage({ keys }: ScannedKeys, { readValue }: KeysRequest): PageSegment {
  return { type: readValue ? "empty" : "keys", count: 1, keys, values: null };
}

function isIn(slot: number, spans: readonly (readonly [number, number])[]): boolean {
  return spans.some(([first, last]) => slot >= first && slot <= last);
}

/** The server that `-MOVED slot host:port` or `-ASK slot host:port` names. */
function readPlace(reply: Uint8Array, askedHost: string): ServerAddress {
  const [, host, port] = /^-\w+ \d+ (.*):(\d+)/.exec(new TextDecoder().decode(reply)) ?? [];
  return { host: host || askedHost, port: Number(port) };
}
