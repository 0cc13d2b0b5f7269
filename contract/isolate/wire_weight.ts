/**
 * Weighs what a sandbox sent, before it is decoded: a few bytes of msgpack can stand for a lot of
 * memory and time.
 *
 * @module
 */

/** About what each kind of value costs its decoder, in bytes of memory or in units of 10 ns. */
const WEIGHT = { value: 16, container: 64, definition: 512 } as const;
/** Weight of the extensions that `encodeWire` makes; another one is refused. */
const EXTENSION_WEIGHT: ReadonlyMap<number, number> = new Map([
  [0x00, WEIGHT.value], // undefined
  [0x42, WEIGHT.value], // bigint
  [0x65, 1024], // Error
  [0x72, WEIGHT.definition], // names of a record's fields
  [0x73, 192], // Set
  [0x74, 512], // typed array
  [0x78, 256], // RegExp
  [0xff, 128], // Date
]);
const BIGINT = 0x42;
const RECORD = 0x72;

/** Layout of the tokens 0xc0 to 0xdf: bytes of a length, bytes of content, what it is. */
type Layout = readonly [lengthBytes: number, contentBytes: number, kind: "" | "list" | "ext"];
const LAYOUTS: readonly (Layout | null)[] = [
  ...[[0, 0, ""], null, [0, 0, ""], [0, 0, ""]] as const, // nil, never used, false, true
  ...[[1, 0, ""], [2, 0, ""], [4, 0, ""]] as const, // bin
  ...[[1, 1, "ext"], [2, 1, "ext"], [4, 1, "ext"]] as const,
  ...[[0, 4, ""], [0, 8, ""]] as const, // float
  ...[[0, 1, ""], [0, 2, ""], [0, 4, ""], [0, 8, ""]] as const, // uint
  ...[[0, 1, ""], [0, 2, ""], [0, 4, ""], [0, 8, ""]] as const, // int
  ...[[0, 2, "ext"], [0, 3, "ext"], [0, 5, "ext"], [0, 9, "ext"], [0, 17, "ext"]] as const,
  ...[[1, 0, ""], [2, 0, ""], [4, 0, ""]] as const, // str
  ...[[2, 0, "list"], [4, 0, "list"], [2, 0, "list"], [4, 0, "list"]] as const, // array, map
];

/**
 * About what decoding costs, in bytes of memory; never much less than it does. One pass over the
 * tokens, without following their structure.
 *
 * @param enough A weight at which it stops counting.
 * @throws RangeError for tokens that `encodeWire` does not make
 */
export function weighWire(bytes: Uint8Array, enough = Infinity): number {
  let weight = bytes.byteLength;
  // The tokens 0x40 to 0x7f are numbers until one of them is made the head of records.
  let firstContainer = 0x80;
  for (let at = 0; at < bytes.byteLength && weight < enough;) {
    const token = bytes[at++];
    if (token < firstContainer || token >= 0xe0) weight += WEIGHT.value;
    else if (token < 0xa0) weight += WEIGHT.container;
    else if (token < 0xc0) {
      weight += WEIGHT.value;
      at += token - 0xa0;
    } else {
      const layout = LAYOUTS[token - 0xc0];
      if (layout === null) throw new RangeError(`Token ${token} is never used`);
      const [lengthBytes, contentBytes, kind] = layout;
      let length = 0;
      for (const end = at + lengthBytes; at < end; at++) length = length * 256 + bytes[at];
      if (kind === "list") weight += WEIGHT.container;
      else {
        if (kind === "ext" && bytes[at] === RECORD) firstContainer = 0x40;
        weight += kind === "" ? WEIGHT.value : weighExtension(bytes[at], length + contentBytes - 1);
        at += length + contentBytes;
      }
    }
  }
  return weight;
}

function weighExtension(type: number, byteLength: number): number {
  const weight = EXTENSION_WEIGHT.get(type);
  if (weight === undefined) throw new RangeError(`Extension ${type} is unknown`);
  // To show one in decimal takes time that grows with the square of its length.
  return type === BIGINT ? weight + byteLength ** 2 / 8 : weight;
}
