import { assert, assertEquals, assertThrows } from "@std/assert";
import { PinionError } from "../../errors.ts";
import { type RespArgument, RespEncoder } from "../../redis/resp_encoder.ts";
import { toBytes } from "./frame_corpus.ts";

/** The plain way to encode a command. */
function encodePlainly(args: readonly RespArgument[]): string {
  const latin1 = (bytes: Uint8Array) => Array.from(bytes, (b) => String.fromCharCode(b)).join("");
  return `*${args.length}\r\n` + args.map((arg) => {
    const bytes = arg instanceof Uint8Array ? arg : toBytes(String(arg));
    return `$${bytes.length}\r\n${latin1(bytes)}\r\n`;
  }).join("");
}

function toLatin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

Deno.test("RespEncoder encodes arguments of every type", () => {
  const args = [
    "SET",
    "",
    "grün",
    0,
    -1,
    1.5,
    1e21,
    2n ** 70n,
    true,
    false,
    new Uint8Array([0, 255]),
  ];
  const encoder = new RespEncoder();
  encoder.command(args);
  assertEquals(toLatin1(encoder.take()), encodePlainly(args));
});

Deno.test("RespEncoder encodes texts of any length and alphabet", () => {
  const encoder = new RespEncoder(1);
  for (const letter of ["a", "é", "€", "😀", "\uD800"]) {
    for (
      const length of [0, 1, 3, 4, 5, 9, 10, 31, 32, 33, 34, 49, 50, 51, 99, 100, 333, 334, 5_000]
    ) {
      const args = ["x", letter.repeat(length), "a".repeat(length) + letter, "y"];
      encoder.command(args);
      assertEquals(toLatin1(encoder.take()), encodePlainly(args), `${letter} × ${length}`);
    }
  }
});

Deno.test("RespEncoder takes what was encoded since, in a buffer of its size", () => {
  const encoder = new RespEncoder(16);
  assertEquals(encoder.take(), new Uint8Array());
  encoder.command(["PING"]);
  encoder.command(["PING"]);
  assertEquals([encoder.commands, encoder.byteLength], [2, 28]);
  const bytes = encoder.take();
  assertEquals(bytes.buffer.byteLength, 28);
  assertEquals([encoder.commands, encoder.byteLength], [0, 0]);
  encoder.command(["GET", "a"]);
  assertEquals(toLatin1(bytes), encodePlainly(["PING"]).repeat(2));
  assertEquals(toLatin1(encoder.take()), encodePlainly(["GET", "a"]));
});

Deno.test("RespEncoder hands out a large buffer", () => {
  const encoder = new RespEncoder();
  const value = new Uint8Array(6_000_000).fill(7);
  encoder.command(["SET", "key", value]);
  const bytes = encoder.take();
  assertEquals(bytes.buffer.byteLength, bytes.length);
  assert(bytes.length > value.length);
  assertEquals(bytes.at(-3), 7);
  encoder.command(["PING"]);
  assertEquals(toLatin1(encoder.take()), encodePlainly(["PING"]));
});

Deno.test("RespEncoder appends arguments that are encoded already", () => {
  const encoder = new RespEncoder(8);
  encoder.rawCommand(3, ["MGET"], toBytes("$1\r\na\r\n$1\r\nb\r\n"));
  assertEquals(toLatin1(encoder.take()), encodePlainly(["MGET", "a", "b"]));
});

Deno.test("RespEncoder appends nothing of a command with a bad argument", () => {
  const encoder = new RespEncoder();
  encoder.command(["PING"]);
  for (const [bad, name] of [[null, "null"], [undefined, "undefined"], [{}, "object"]] as const) {
    const args = ["SET", "key", bad] as unknown as RespArgument[];
    const error = assertThrows(() => encoder.command(args), PinionError, `got ${name}`);
    assertEquals(error.code, "BAD_ARGUMENT");
  }
  assertEquals(toLatin1(encoder.take()), encodePlainly(["PING"]));
});
