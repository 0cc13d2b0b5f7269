/**
 * Walks bulk strings without decoding them: keys and values pass the host thread as bytes.
 *
 * @module
 */

import { readDigits } from "../../../redis/digits.ts";

const MINUS = "-".charCodeAt(0);
const CR = "\r".charCodeAt(0);

/** The number after the type byte at `at`; -1 for null. */
export function lengthAt(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] === MINUS) return -1;
  return readDigits(bytes, at + 1, bytes.length);
}

/** The end of the line that begins at `at`. */
export function lineEnd(bytes: Uint8Array, at: number): number {
  let index = at;
  while (bytes[index] !== CR) index++;
  return index + 2;
}

/** The end of the bulk string at `at`. */
export function bulkEnd(bytes: Uint8Array, at: number): number {
  const length = lengthAt(bytes, at);
  const content = lineEnd(bytes, at);
  return length < 0 ? content : content + length + 2;
}

/** The end of the `count` bulk strings from `at` on. */
export function bulksEnd(bytes: Uint8Array, at: number, count: number): number {
  let end = at;
  for (let index = 0; index < count; index++) end = bulkEnd(bytes, end);
  return end;
}
