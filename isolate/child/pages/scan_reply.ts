/**
 * Takes a SCAN reply apart without decoding its keys.
 *
 * The keys of a SCAN reply are bulk strings, which is just how a command carries arguments: they
 * are copied into the next command as they are.
 *
 * @module
 */

import { RespDecoder, type RespError } from "../../../redis/resp_decoder.ts";

/** A page of keys. */
export interface ScannedKeys {
  /** Cursor of the next SCAN; `"0"` at the end. */
  readonly cursor: string;
  readonly count: number;
  /** `count` bulk strings, one after the other, in a buffer of their own. */
  readonly keys: Uint8Array<ArrayBuffer>;
  /** Numbers of neighbours that share a slot; absent where that is not known. */
  readonly groups?: readonly number[];
  /** Index of each in the page that they were part of; absent where they are the page. */
  readonly places?: readonly number[];
}

/** @throws Error with the text that Redis answered */
export function parseScanReply(reply: Uint8Array): ScannedKeys {
  const decoder = new RespDecoder(reply);
  throwIfError(decoder);
  decoder.readAggregateLength();
  const cursor = decoder.readBulkText() as string;
  const count = decoder.readAggregateLength();
  return { cursor, count, keys: reply.slice(decoder.offset) };
}

/** @throws Error with the text that Redis answered, if it is an error */
export function throwIfError(decoder: RespDecoder): void {
  if (decoder.peekType() !== "-".charCodeAt(0)) return;
  throw new Error((decoder.next() as RespError).message);
}

/** Tells whether the reply says that the key is at another server. */
export function isElsewhere(reply: Uint8Array): boolean {
  return startsWith(reply, "-MOVED ") || startsWith(reply, "-ASK ");
}

function startsWith(reply: Uint8Array, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (reply[index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** Cuts `bytes` into its frames, as views. */
export function* eachFrame(bytes: Uint8Array): Generator<Uint8Array, void, void> {
  const decoder = new RespDecoder(bytes);
  while (!decoder.done) {
    const start = decoder.offset;
    decoder.skip();
    yield bytes.subarray(start, decoder.offset);
  }
}
