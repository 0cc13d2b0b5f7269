/**
 * Goes the way of a script once, before there is one: V8 compiles a function when it is first called,
 * and a person who waits for a first result would wait for that.
 *
 * Nothing of it is left: it names no run, sends nothing and sets nothing that a script can see.
 *
 * @module
 */

import { compile } from "../../sdk/compile.ts";
import type { AuthorCallback } from "../../sdk/operations/operation.ts";
import { flatMap } from "../../sdk/operations/flat_map.ts";
import { map } from "../../sdk/operations/map.ts";
import { decodeWire, encodeWire } from "../../contract/isolate/wire.ts";
import { BUILTINS } from "./steps/builtins.ts";
import { loadModule } from "./guest/typescript/module_loader.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { openReader } from "./readers/open_reader.ts";
import type { StepContext } from "./steps/step_runner.ts";

/** What scripts have: types to remove, a default export, an async function. */
const MODULE = "const first = async (value: string): Promise<string> => await value; first('');";

/** See the module. */
export async function warmUp(): Promise<void> {
  await loadModule(MODULE);
  const recording = {
    reader: "ShardsIDReader",
    operations: [map((record) => record), flatMap((record) => [record])],
  };
  const { plan, callbacks } = compile(recording, undefined, {});
  const context: StepContext = {
    callback: (ref): AuthorCallback =>
      ref.source === "author" ? callbacks[ref.index] : BUILTINS[ref.name],
    fail: () => {},
    window: plan.window,
  };
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
