import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeWire } from "../../../../contract/isolate/wire.ts";
import { ShuffleOutbox } from "../../../../isolate/sandbox/shuffle/shuffle_outbox.ts";

/** An outbox of shard 0 of two, whose records go to the shard that their key names. */
function openOutbox(windowBytes = 1_000_000) {
  const kept: unknown[] = [];
  const sent: { readonly target: number; readonly records: unknown; readonly bytes: number }[] = [];
  const failures: string[] = [];
  const outbox = new ShuffleOutbox({
    ...{ shards: 2, self: 0, windowBytes, keepsKeys: true },
    targetOf: (key) => Number(key),
    keep: ({ records }) => void kept.push(...records),
    send: (target, bytes) => {
      const [records] = decodeWire(bytes) as [unknown];
      sent.push({ target, records, bytes: bytes.byteLength });
    },
    fail: ({ message }) => void failures.push(message),
  });
  return { outbox, kept, sent, failures };
}

Deno.test("records go to the shard of their key, in their order, and own ones stay", async () => {
  const { outbox, kept, sent } = openOutbox();
  await outbox.take({ records: ["a", "b", "c", "d"], keys: ["0", "1", "0", "1"] });
  await outbox.end();
  assertEquals(kept, ["a", "c"]);
  assertEquals(sent.map(({ target, records }) => ({ target, records })), [
    { target: 1, records: ["b", "d"] },
  ]);
  assertEquals(outbox.records, 4);
});

Deno.test("a window that is full holds the rest back until credit comes", async () => {
  const { outbox, sent } = openOutbox(1);
  await outbox.take({ records: ["a"], keys: ["1"] });
  await outbox.end();
  await outbox.take({ records: ["b"], keys: ["1"] });
  let isOver = false;
  const ended = outbox.end().then(() => isOver = true);
  await Promise.resolve();
  assertEquals([sent.length, isOver], [1, false]);
  outbox.credit(1, 1_000_000);
  await ended;
  assertEquals(sent.map(({ records }) => records), [["a"], ["b"]]);
});

Deno.test("a record that cannot be encoded is left out, and reported once at the end", async () => {
  const { outbox, sent, failures } = openOutbox();
  await outbox.take({ records: ["a", () => "b", () => "c", "d"], keys: ["1", "1", "1", "1"] });
  assertEquals(failures, []);
  await outbox.end();
  assertEquals(sent.flatMap(({ records }) => records), ["a", "d"]);
  assertEquals(failures.length, 1);
  assertStringIncludes(failures[0], "1 more");
});

Deno.test("an outbox that is closed lets go of who waits, and sends nothing more", async () => {
  const { outbox, sent } = openOutbox(1);
  const text = "x".repeat(1_000_000);
  const taking = Promise.resolve(outbox.take({ records: [text, text], keys: ["1", "1"] }))
    .then(() => outbox.end());
  outbox.close();
  await taking;
  const before = sent.length;
  outbox.credit(1, 1_000_000);
  assertEquals(sent.length, before);
});
