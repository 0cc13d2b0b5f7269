/**
 * What is shown of events in dead letters: bounded, and true to what the function got.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type RespArgument, RespEncoder } from "../../../../redis/resp_encoder.ts";
import { MAX_SHOWN, recordOf } from "../../../../runtime/events/dead_letters/letter_record.ts";
import type { EventPayload } from "../../../../contract/isolate/messages/events.ts";

Deno.test("letter record: a message's fields, bytes where they are no text", () => {
  const bytes = new Uint8Array([0xff, 0]);
  assertEquals(recordOf(message("item", "lamp", "raw", bytes)), {
    record: {
      key: "orders",
      id: "1-2",
      value: new Map<unknown, unknown>([["item", "lamp"], ["raw", bytes]]),
    },
    isCut: false,
  });
});

Deno.test("letter record: long values are cut, also over many fields", () => {
  const { record, isCut } = recordOf(
    message("a", "x".repeat(MAX_SHOWN - 3), "b", "y".repeat(9), "c", "z"),
  );
  const { value } = record as { value: Map<string, string> };
  assertEquals([isCut, [...value.keys()], value.get("b")], [true, ["a", "b"], "y"]);
  assertEquals(recordOf(message("a", "x".repeat(MAX_SHOWN - 1))).isCut, false);
});

Deno.test("letter record: keys, commands and times", () => {
  assertEquals(recordOf({ kind: "keys", keys: ["k"], events: ["set"] }).record, {
    key: "k",
    event: "set",
  });
  assertEquals(recordOf({ kind: "command", args: ["t", "1"] }).record, ["t", "1"]);
  assertEquals(recordOf({ kind: "time", time: 7 }), { record: 7, isCut: false });
});

function encode(args: readonly RespArgument[]): Uint8Array {
  const encoder = new RespEncoder();
  encoder.command(args);
  return encoder.take();
}

function message(...fields: (string | Uint8Array)[]): EventPayload {
  const id = encode(["1-2"]).subarray(4);
  const head = new TextEncoder().encode("*2\r\n");
  const entries = new Uint8Array([...head, ...id, ...encode(fields)]);
  return { kind: "stream", key: "orders", count: 1, entries };
}
