/**
 * Redis Cluster's map from keys to slots.
 *
 * The coordinator places keys and messages by it; the sdk's `hashtag` answers a tag of the shard.
 *
 * Pure: runs in the sandbox.
 *
 * Source: Redis Cluster specification, CRC16/XMODEM of the key or of its hash tag.
 *
 * @module
 */

import { uncurryThis } from "./intrinsics.ts";

/** Slots of a cluster. */
export const SLOT_COUNT = 16_384;

const textEncoder = new TextEncoder();
const encode = textEncoder.encode.bind(textEncoder);
const charCodeAt = uncurryThis(String.prototype.charCodeAt);
const indexOf = uncurryThis(String.prototype.indexOf);
const CRC_TABLE = buildCrcTable();
const OPEN = 0x7b;
const CLOSE = 0x7d;
/** Letters of tags, in the order of the search. */
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

let tags: readonly string[] | undefined;

/**
 * The slot of a key, 0 to 16383. Where the key holds `{`, and a `}` behind it with something
 * between the first of each, only what is between them counts.
 */
export function keySlot(key: string | Uint8Array): number {
  if (typeof key === "string") {
    const slot = asciiSlot(key);
    return slot >= 0 ? slot : keySlot(encode(key));
  }
  const bytes = key;
  const open = indexOfByte(bytes, OPEN, 0);
  const close = open < 0 ? -1 : indexOfByte(bytes, CLOSE, open + 1);
  const isTagged = close > open + 1;
  const end = isTagged ? close : bytes.length;
  let crc = 0;
  for (let i = isTagged ? open + 1 : 0; i < end; i++) crc = crc16(crc, bytes[i]);
  return crc % SLOT_COUNT;
}

/**
 * A short text that hashes to the slot: three of `[0-9A-Za-z]`, the same on every shard and in
 * every release. The table of all tags is built at the first call (some 20 ms).
 *
 * @param slot 0 to 16383.
 */
export function slotTag(slot: number): string {
  tags ??= findTags();
  return tags[slot];
}

/** The slot of a key of ASCII, which needs no bytes; -1 for any other. */
function asciiSlot(key: string): number {
  const open = indexOf(key, "{", 0);
  const close = open < 0 ? -1 : indexOf(key, "}", open + 1);
  const isTagged = close > open + 1;
  const end = isTagged ? close : key.length;
  let crc = 0;
  for (let i = isTagged ? open + 1 : 0; i < end; i++) {
    const code = charCodeAt(key, i);
    if (code > 127) return -1;
    crc = crc16(crc, code);
  }
  return crc % SLOT_COUNT;
}

function indexOfByte(bytes: Uint8Array, byte: number, from: number): number {
  for (let i = from; i < bytes.length; i++) if (bytes[i] === byte) return i;
  return -1;
}

/** The first text of each slot, in order of its letters. */
function findTags(): string[] {
  const found = new Array<string>(SLOT_COUNT);
  for (const a of LETTERS) {
    const crcA = crc16(0, a.charCodeAt(0));
    for (const b of LETTERS) {
      const crcB = crc16(crcA, b.charCodeAt(0));
      for (const c of LETTERS) found[crc16(crcB, c.charCodeAt(0)) % SLOT_COUNT] ??= a + b + c;
    }
  }
  return found;
}

function crc16(crc: number, byte: number): number {
  return (crc << 8 & 0xffff) ^ CRC_TABLE[crc >> 8 ^ byte];
}

function buildCrcTable(): Uint16Array {
  const table = new Uint16Array(256);
  for (let i = 0; i < 256; i++) {
    let crc = i << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
    table[i] = crc;
  }
  return table;
}
