import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { PinionError } from "../../errors.ts";
import { RespDecoder, RespError, type RespValue } from "../../redis/resp_decoder.ts";
import { RespEncoder } from "../../redis/resp_encoder.ts";
import { CORPUS, joinBytes, toBytes, toComparable } from "./frame_corpus.ts";

function decode(text: string): RespValue {
  return new RespDecoder(toBytes(text)).next();
}

function assertRefused(read: () => unknown, message: string): void {
  assertEquals(assertThrows(read, PinionError, message).code, "BAD_FRAME");
}

/** Bulk strings, as a server would send them. */
function encodeBulks(values: readonly (string | Uint8Array)[]): Uint8Array {
  const encoder = new RespEncoder();
  encoder.command(values);
  return encoder.take();
}

Deno.test("RespDecoder decodes each frame of the corpus", () => {
  for (const { text, value } of CORPUS) {
    assertEquals(toComparable(decode(text)), toComparable(value), text);
  }
  const all = new RespDecoder(joinBytes(CORPUS.map(({ text }) => toBytes(text))));
  for (const { text, value } of CORPUS) {
    assertEquals(toComparable(all.next()), toComparable(value), text);
  }
  assert(all.done);
});

Deno.test("RespDecoder skips each frame of the corpus", () => {
  const all = new RespDecoder(joinBytes(CORPUS.map(({ text }) => toBytes(text))));
  let offset = 0;
  for (const { text } of CORPUS) {
    all.skip();
    offset += toBytes(text).length;
    assertEquals(all.offset, offset, text);
  }
});

Deno.test("RespDecoder refuses each frame of the corpus that is cut short", () => {
  for (const { text } of CORPUS.filter((frame) => frame.text.length < 100)) {
    const bytes = toBytes(text);
    for (let end = 0; end < bytes.length; end++) {
      const cut = bytes.slice(0, end);
      assertRefused(() => new RespDecoder(cut).next(), "Cannot read a RESP frame");
      assertRefused(() => new RespDecoder(cut).skip(), "Cannot read a RESP frame");
    }
  }
});

Deno.test("RespDecoder decodes what is not UTF-8 as a copy of its bytes", () => {
  const values = [
    new Uint8Array([0xff]),
    new Uint8Array([0xc3]),
    new Uint8Array([0x61, 0x80]),
    new Uint8Array([0xc0, 0x80]),
    new Uint8Array([0xed, 0xa0, 0x80]),
    new Uint8Array([0xf4, 0x90, 0x80, 0x80]),
    new Uint8Array([0xe0, 0x80, 0x80]),
    new Uint8Array(20_000).fill(0xfe),
    joinBytes([toBytes("a".repeat(9_000)), new Uint8Array([0xff])]),
  ];
  for (const value of values) {
    const bytes = encodeBulks([value]);
    const [decoded] = new RespDecoder(bytes).next() as [Uint8Array];
    assertEquals(decoded, value);
    assert(decoded.buffer !== bytes.buffer);
  }
});

Deno.test("RespDecoder decodes any mix of texts over the borders of its windows", () => {
  const letters = ["a", "é", "ж", "€", "😀", "\uFFFD", "0123456789".repeat(5)];
  for (const kinds of [1, 2, 5, 7]) {
    const values: (string | Uint8Array)[] = [];
    for (let i = 0; i < 3_000; i++) {
      let text = "";
      for (let j = 0; j < i % 23; j++) text += letters[(i * 7 + j * 3) % kinds];
      values.push(i % 500 === 499 ? text.repeat(40) : text);
    }
    const bytes = encodeBulks(values);
    assertEquals(new RespDecoder(bytes).next(), values);
    values[1_700] = new Uint8Array([0x80, 0x61]);
    assertEquals(new RespDecoder(encodeBulks(values)).next(), values);
  }
});

Deno.test("RespDecoder reads aggregates and bulk strings piece by piece", () => {
  const decoder = new RespDecoder(
    toBytes(
      "*2\r\n$1\r\na\r\n$-1\r\n%1\r\n$1\r\nk\r\n|1\r\n+x\r\n+y\r\n$1\r\nv\r\n*-1\r\n_\r\n_\r\n",
    ),
  );
  assertEquals(decoder.readAggregateLength(), 2);
  assertEquals(decoder.readBulkText(), "a");
  assertEquals(decoder.readBulkText(), null);
  assertEquals(decoder.readAggregateLength(), 2);
  assertEquals(decoder.readBulkBytes(), toBytes("k"));
  assertEquals(decoder.peekType(), "$".charCodeAt(0));
  assertEquals(decoder.readBulkText(), "v");
  assertEquals(decoder.readAggregateLength(), -1);
  assertEquals(decoder.readAggregateLength(), -1);
  assertEquals(decoder.readBulkBytes(), null);
  assert(decoder.done);
});

Deno.test("RespDecoder reads on from any offset", () => {
  const bytes = toBytes("$1\r\na\r\n$2\r\nжb\r\n$1\r\nc\r\n".replace("$2", "$3"));
  const decoder = new RespDecoder(bytes, 7);
  assertEquals(decoder.next(), "жb");
  assertEquals(decoder.next(), "c");
  decoder.offset = 0;
  assertEquals(decoder.next(), "a");
  decoder.offset = 7;
  assertEquals(decoder.next(), "жb");
});

Deno.test("RespDecoder answers an error as a value with its code", () => {
  const error = decode("-WRONGTYPE Operation against a key\r\n");
  assertInstanceOf(error, RespError);
  assertEquals(error.message, "WRONGTYPE Operation against a key");
  assertEquals(error.code, "WRONGTYPE");
  assertEquals((decode("-ERR\r\n") as RespError).code, "ERR");
});

Deno.test("RespDecoder says what it expected, where, and what it got", () => {
  assertRefused(() => decode("hello\r\n"), 'expected the type of a frame at byte 0, got "h"');
  assertRefused(() => decode(""), "expected the type of a frame at byte 0, got the end");
  assertRefused(() => decode("*1\r\n$x\r\n"), "expected a length at byte 4, got other bytes");
  assertRefused(
    () => decode("$1\r\nab\r\n"),
    'expected CRLF after a bulk string at byte 4, got "b"',
  );
  assertRefused(() => decode("*2000000000\r\n"), "expected 2000000000 frames of an aggregate");
  assertRefused(() => decode(":1x\r\n"), "expected an integer");
  assertRefused(() => decode("#x\r\n"), 'expected "t" or "f"');
  assertRefused(() => decode(",x\r\n"), "expected a double");
  assertRefused(() => decode("_x\r\n"), "expected a null");
  assertRefused(() => decode("=3\r\nabc\r\n"), "expected a verbatim string with a format");
  assertRefused(() => decode("*1\r\n".repeat(200)), "expected at most 128 nested aggregates");
  assertRefused(() => new RespDecoder(toBytes("+a\r\n")).readBulkText(), "expected a bulk string");
  assertRefused(() => new RespDecoder(toBytes("+a\r\n")).readAggregateLength(), "an aggregate");
});
