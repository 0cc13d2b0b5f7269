/**
 * Encodes and decodes what crosses the sandbox border: msgpack with the types of structured clone
 * (Map, Set, Date, bigint, typed arrays, Error).
 *
 * A sandbox may send any bytes: the runtime weighs them before it decodes them (`wire_weight.ts`).
 *
 * Pure: both sides import it.
 *
 * @module
 */

import { Packr } from "msgpackr/pack";

const packr = new Packr({
  moreTypes: true,
  useRecords: true,
  // A value that refers to itself ten times, ten times over, would be decoded from a few bytes.
  structuredClone: false,
  writeFunction() {
    throw new TypeError("it holds a function");
  },
});

/** One value as bytes of its own buffer, which may be transferred. */
export function encodeWire(value: unknown): Uint8Array<ArrayBuffer> {
  const packed = packr.pack(value);
  return packed.byteLength === packed.buffer.byteLength
    ? packed as Uint8Array<ArrayBuffer>
    : new Uint8Array(packed);
}

/** The value that {@linkcode encodeWire} encoded. @throws RangeError or Error on malformed bytes */
export function decodeWire(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}
