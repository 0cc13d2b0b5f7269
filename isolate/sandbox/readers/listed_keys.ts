/**
 * Asks the host thread for keys that are named one by one.
 *
 * @module
 */

import { RespEncoder } from "../../../redis/resp_encoder.ts";
import type { KeyType } from "../../../contract/plan/registration.ts";
import type { PageSegment, ToWorkerThread } from "../../../contract/isolate/worker_border.ts";
import { postToHost } from "../base/border.ts";
import { RedisError } from "../base/redis_error.ts";
import { decodeValues } from "./decode_segment.ts";

/** Type and value of a key as they are now. */
export interface FoundKey {
  readonly type: KeyType;
  /** Null where only the type was asked for. */
  readonly value: unknown;
}

interface Waiting {
  readonly count: number;
  resolve(found: (FoundKey | undefined)[]): void;
  reject(error: Error): void;
}

let nextId = 1;
const waiting = new Map<number, Waiting>();
const LINE_FEED = 10;

/**
 * Types of keys, and values where wanted, in the order of the keys; undefined for a key that is not
 * there. Rejects with a RedisError.
 */
export function readListedKeys(
  keys: readonly (string | Uint8Array)[],
  readValue: boolean,
): Promise<(FoundKey | undefined)[]> {
  const id = nextId++;
  const encoder = new RespEncoder();
  encoder.command(keys);
  const command = encoder.take();
  const bytes = command.slice(command.indexOf(LINE_FEED) + 1);
  const { promise, resolve, reject } = Promise.withResolvers<(FoundKey | undefined)[]>();
  waiting.set(id, { count: keys.length, resolve, reject });
  postToHost({ type: "readKeys", id, keys: bytes, count: keys.length, readValue }, [bytes.buffer]);
  return promise;
}

/** Takes keys that were asked for. */
export function takeKeysRead(
  { id, segments, error }: Extract<ToWorkerThread, { type: "keysRead" }>,
): void {
  const request = waiting.get(id);
  waiting.delete(id);
  if (request === undefined) return;
  try {
    if (error !== undefined) throw new RedisError(error);
    const found: (FoundKey | undefined)[] = new Array(request.count).fill(undefined);
    for (const segment of segments) putFound(segment, found);
    request.resolve(found);
  } catch (error) {
    request.reject(error as Error);
  }
}

function putFound(segment: PageSegment, found: (FoundKey | undefined)[]): void {
  const { places } = segment;
  const type = segment.type as KeyType;
  const values = decodeValues(segment);
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value !== undefined) found[places?.[index] ?? index] = { type, value };
  }
}
