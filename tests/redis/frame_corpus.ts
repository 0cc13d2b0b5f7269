/**
 * Frames of every type with the value that each decodes to; the tests of the codec run over them.
 *
 * @module
 */

import { RespError, type RespValue } from "../../redis/resp_decoder.ts";

/** A frame, written with `\r\n`, and what it means. */
export interface CorpusFrame {
  readonly text: string;
  readonly value: RespValue;
}

const LONG = "0123456789".repeat(700);

/** One frame per type and edge. */
export const CORPUS: readonly CorpusFrame[] = [
  { text: "+OK\r\n", value: "OK" },
  { text: "+\r\n", value: "" },
  { text: "+grün\r\n", value: "grün" },
  { text: "-ERR no such key\r\n", value: new RespError("ERR no such key") },
  { text: ":0\r\n", value: 0 },
  { text: ":-17\r\n", value: -17 },
  { text: ":+17\r\n", value: 17 },
  { text: ":9007199254740991\r\n", value: 9007199254740991 },
  { text: ":9007199254740993\r\n", value: 9007199254740993n },
  { text: ":-9223372036854775808\r\n", value: -9223372036854775808n },
  { text: "$0\r\n\r\n", value: "" },
  { text: "$5\r\nhello\r\n", value: "hello" },
  { text: "$7\r\na\r\nb\r\nc\r\n", value: "a\r\nb\r\nc" },
  { text: "$12\r\nПривет\r\n", value: "Привет" },
  { text: "$7\r\n😀abc\r\n", value: "😀abc" },
  { text: "$3\r\n\uFFFD\r\n", value: "\uFFFD" },
  { text: "$3\r\n\uFEFF\r\n", value: "\uFEFF" },
  { text: `$${LONG.length}\r\n${LONG}\r\n`, value: LONG },
  { text: "$-1\r\n", value: null },
  { text: "*-1\r\n", value: null },
  { text: "_\r\n", value: null },
  { text: "*0\r\n", value: [] },
  { text: "*3\r\n$1\r\na\r\n:2\r\n*2\r\n$-1\r\n+x\r\n", value: ["a", 2, [null, "x"]] },
  { text: "*2\r\n-WRONGTYPE x\r\n:1\r\n", value: [new RespError("WRONGTYPE x"), 1] },
  { text: "*2\r\n*0\r\n*1\r\n*0\r\n", value: [[], [[]]] },
  { text: "#t\r\n", value: true },
  { text: "#f\r\n", value: false },
  { text: ",3.25\r\n", value: 3.25 },
  { text: ",1e+300\r\n", value: 1e300 },
  { text: ",inf\r\n", value: Infinity },
  { text: ",-inf\r\n", value: -Infinity },
  { text: ",nan\r\n", value: NaN },
  { text: "(-340282366920938463463374607431768211456\r\n", value: -(2n ** 128n) },
  { text: "(7\r\n", value: 7n },
  { text: "!9\r\nERR a\r\nb\r\n".replace("9", "8"), value: new RespError("ERR a\r\nb") },
  { text: "=8\r\ntxt:text\r\n", value: "text" },
  { text: "%2\r\n+a\r\n:1\r\n+b\r\n%0\r\n", value: new Map<RespValue, RespValue>(pairs()) },
  { text: "~2\r\n+a\r\n+b\r\n", value: new Set(["a", "b"]) },
  { text: ">2\r\n+message\r\n+x\r\n", value: ["message", "x"] },
  { text: "|1\r\n+ttl\r\n:9\r\n:5\r\n", value: 5 },
  { text: "|1\r\n+a\r\n*1\r\n|0\r\n:1\r\n|1\r\n+b\r\n+c\r\n:6\r\n", value: 6 },
  { text: "*2\r\n:1\r\n|1\r\n+k\r\n+v\r\n:2\r\n", value: [1, 2] },
];

/** The value with plain objects in the place of errors, as the stacks of two errors differ. */
export function toComparable(value: RespValue): unknown {
  if (value instanceof RespError) return { error: value.message };
  if (Array.isArray(value)) return value.map(toComparable);
  if (value instanceof Map) return [...value].map((pair) => pair.map(toComparable));
  return value;
}

/** Bytes of a frame as text. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Several frames in one. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function pairs(): [RespValue, RespValue][] {
  return [["a", 1], ["b", new Map()]];
}
