/**
 * Calls of triggers wait for their turn within bounds, whatever their callers send.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { PinionError } from "../../../../../errors.ts";
import { CallRoom } from "../../../../../runtime/events/sources/commands/call_budget.ts";

Deno.test("arguments of calls are bounded in all; what is over makes room", async () => {
  const room = new CallRoom(10_000);
  const over = Promise.withResolvers<string>();
  const large = ["t", "x".repeat(6_000)];
  const first = room.use(large, () => over.promise);
  const error = await assertRejects(() => room.use(large, () => over.promise), PinionError);
  assertEquals(error.code, "LIMIT_CLIENTS");
  // Many small arguments are large, too; a few are not counted.
  await assertRejects(() => room.use(Array(1_000).fill("x"), () => over.promise), PinionError);
  assertEquals(await room.use(["t", "x"], () => Promise.resolve("small")), "small");
  over.resolve("done");
  assertEquals(await first, "done");
  assertEquals(await room.use(large, () => Promise.resolve("again")), "again");
  await assertRejects(() => room.use(large, () => Promise.reject(new Error("failed"))), Error);
  // One that is larger than all may be by itself.
  const huge = ["t", "x".repeat(60_000)];
  assertEquals(await room.use(huge, () => Promise.resolve("huge")), "huge");
});
