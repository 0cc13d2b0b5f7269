import { assertEquals } from "@std/assert";
import { BegunFrame } from "../../../runtime/resp/proxy/begun_frame.ts";
import { ReplyLedger } from "../../../runtime/resp/proxy/reply_ledger.ts";

Deno.test("notes belong to the reply of their command", () => {
  const ledger = new ReplyLedger();
  ledger.expect(1);
  ledger.note("hello", 0);
  ledger.note("drop", 2);
  ledger.expect(3);
  assertEquals([ledger.outstanding, ledger.noted, ledger.hasDrops], [4, 2, true]);
  assertEquals(ledger.takeNote(ledger.count()), undefined);
  assertEquals(ledger.peek(), ["hello"]);
  const reply = ledger.count();
  assertEquals([ledger.takeNote(reply), ledger.takeNote(reply)], ["hello", undefined]);
  ledger.clear();
  assertEquals([ledger.outstanding, ledger.noted], [0, 0]);
});

Deno.test("a held frame comes out as a whole, or is passed on where it is too long", () => {
  const parts: Uint8Array[] = [];
  const frame = new BegunFrame();
  frame.begin("held");
  frame.add(new Uint8Array([1, 2]), parts);
  assertEquals(frame.end(new Uint8Array([3])), new Uint8Array([1, 2, 3]));
  assertEquals([frame.treatment, parts.length], ["none", 0]);
  frame.begin("held");
  frame.add(new Uint8Array(40_000), parts);
  frame.add(new Uint8Array(40_000), parts);
  assertEquals([frame.treatment, ...parts.map(({ length }) => length)], ["passed", 40_000, 40_000]);
});
