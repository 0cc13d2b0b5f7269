import { assert, assertEquals, assertThrows } from "@std/assert";
import { PinionError } from "../../errors.ts";
import { FrameScanner } from "../../redis/frame_scanner.ts";
import { CORPUS, joinBytes, toBytes } from "./frame_corpus.ts";

function assertRefused(text: string, message: string, scanner = new FrameScanner()): void {
  const error = assertThrows(() => scanner.push(toBytes(text)), PinionError, message);
  assertEquals(error.code, "BAD_FRAME");
}

Deno.test("FrameScanner ends each frame of the corpus at its last byte", () => {
  for (const { text } of CORPUS) {
    const bytes = toBytes(text + "+next");
    const scanner = new FrameScanner();
    assertEquals(scanner.scan(bytes, 0), bytes.length - 5, text);
    assertEquals(scanner.scan(bytes, bytes.length - 5), -1);
  }
});

Deno.test("FrameScanner takes chunks split at any two positions", () => {
  for (const { text } of CORPUS.filter((frame) => frame.text.length < 100)) {
    const bytes = toBytes(text);
    for (let a = 0; a <= bytes.length; a++) {
      for (let b = a; b <= bytes.length; b++) {
        const scanner = new FrameScanner();
        const parts = [bytes.subarray(0, a), bytes.subarray(a, b), bytes.subarray(b)];
        let frames = 0;
        for (const part of parts) frames += scanner.push(part);
        assertEquals(frames, 1, `${text} split at ${a} and ${b}`);
        assert(scanner.atBoundary);
      }
    }
  }
});

Deno.test("FrameScanner counts frames byte by byte and all at once", () => {
  const all = joinBytes(CORPUS.map(({ text }) => toBytes(text)));
  assertEquals(new FrameScanner().push(all), CORPUS.length);
  const scanner = new FrameScanner();
  let frames = 0;
  for (let i = 0; i < all.length; i++) frames += scanner.push(all.subarray(i, i + 1));
  assertEquals(frames, CORPUS.length);
});

Deno.test("FrameScanner tells the type of the frame it completed", () => {
  const scanner = new FrameScanner();
  const bytes = toBytes("-ERR\r\n*1\r\n$1\r\na\r\n|1\r\n+a\r\n+b\r\n:1\r\n>1\r\n-x\r\n$1\r\na\r\n");
  let types = "";
  for (let at = scanner.scan(bytes, 0); at >= 0; at = scanner.scan(bytes, at)) {
    types += String.fromCharCode(scanner.lastType);
  }
  assertEquals(types, "-*:>$");
});

Deno.test("FrameScanner knows whether a frame is begun", () => {
  const scanner = new FrameScanner();
  assert(scanner.atBoundary);
  for (const part of ["$", "1", "\r", "\n", "a", "\r"]) {
    scanner.push(toBytes(part));
    assertEquals(scanner.atBoundary, false, part);
  }
  scanner.push(toBytes("\n"));
  assert(scanner.atBoundary);
  scanner.push(toBytes("|1\r\n+a\r\n+b\r\n"));
  assertEquals(scanner.atBoundary, false);
});

Deno.test("FrameScanner says what it expected and what it got", () => {
  assertRefused("hello\r\n", 'expected the type of a frame, got "h"');
  assertRefused("$?\r\n", 'expected a digit of a length, got "?"');
  assertRefused("*?\r\n", 'expected a digit of a length, got "?"');
  assertRefused("$\r\n", "expected a length, got none");
  assertRefused("$-2\r\n", "expected a length of 0 or more, got a negative one");
  assertRefused("%-1\r\n", "expected a length of 0 or more, got a negative one");
  assertRefused("$1\n", "expected a digit of a length, got 0x0a");
  assertRefused("$1\r1", 'expected 0x0a, got "1"');
  assertRefused("$1\r\nabc", 'expected 0x0d, got "b"');
  assertRefused("$1\r\na\rx", 'expected 0x0a, got "x"');
  assertRefused("+a\n", "expected 0x0d, got 0x0a");
  assertRefused("$12345678901234567\r\n", "expected a length of at most 16 digits, got more");
});

Deno.test("FrameScanner keeps its limits", () => {
  const limits = new FrameScanner({ maxBulkBytes: 3, maxDepth: 2, maxAggregate: 4 });
  assertEquals(limits.push(toBytes("$3\r\nabc\r\n*1\r\n*4\r\n:1\r\n:1\r\n:1\r\n*0\r\n")), 2);
  assertRefused("$4\r\nabcd\r\n", "expected at most 3 bytes of a bulk string, got 4", limits);
  const deep = new FrameScanner({ maxDepth: 2 });
  assertRefused("*1\r\n*1\r\n*1\r\n", "expected at most 2 nested aggregates, got 3", deep);
  const wide = new FrameScanner({ maxAggregate: 4 });
  assertRefused("*5\r\n", "expected at most 4 elements of an aggregate, got 5", wide);
  assertRefused("$536870913\r\n", "expected at most 536870912 bytes of a bulk string");
  assertRefused(`+${"a".repeat(65_537)}`, "expected a line of at most 65536 bytes, got more");
  assertEquals(new FrameScanner().push(toBytes(`+${"a".repeat(65_536)}\r\n`)), 1);
});
