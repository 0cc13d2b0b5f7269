/**
 * Goes the way of a script once, before there is one: V8 compiles a function when it is first
 * called, and a person who waits for a first result would wait for that.
 *
 * Nothing of it is left: it names no run, sends nothing and sets nothing that a script can see.
 *
 * @module
 */

import { compile } from "../../sdk/compile.ts";
import { flatMap } from "../../sdk/operations/flat_map.ts";
import { map } from "../../sdk/operations/map.ts";
import { decodeWire, encodeWire } from "../../contract/isolate/wire.ts";
import type { Guest } from "./guest/guest.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { openReader } from "./readers/open_reader.ts";
import { makeContext } from "./steps/step_context.ts";

/** Runs a small script so that V8 compiles the code of the first real one. */
export async function warmUp(guest: Guest): Promise<void> {
  await guest.warmUp();
  const recording = {
    reader: "ShardsIDReader",
    operations: [map((record) => record), flatMap((record) => [record])],
  };
  const { plan, callbacks } = compile(recording, undefined, {});
  const context = makeContext({ callbacks, fail: () => {}, window: plan.window });
  const results: unknown[] = [];
  const pipeline = new Pipeline(plan.steps, context, ({ records }) => {
    results.push(...records);
  });
  for await (const { records } of openReader(plan.reader, context, { shardId: "1" })) {
    await pipeline.push({ records, keys: null });
  }
  await pipeline.end();
  decodeWire(
    encodeWire([{ type: "run", plan }, { type: "results", records: encodeWire(results) }]),
  );
}
