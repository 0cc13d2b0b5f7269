import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { PinionError } from "../../../errors.ts";
import { MAX_STEPS } from "../../../contract/plan/step.ts";
import { validatePlan } from "../../../contract/plan/validate.ts";

const callback = { source: "author", index: 0, name: "", text: "() => 1" };

const good = {
  version: 1,
  reader: { reader: "KeysReader", pattern: "*", noScan: false, readValue: true },
  steps: [{ type: "map", callback }],
  mode: "async",
  collect: true,
  convertToStr: true,
  window: 1_000,
};

/** Plans that an isolate might send, and where each is wrong. */
const BAD: Readonly<Record<string, readonly [plan: unknown, message: string]>> = {
  "nothing": [undefined, "plan:"],
  "no object": ["plan", "plan:"],
  "an array": [[good], "plan:"],
  "a part missing": [{ ...good, window: undefined }, "window:"],
  "a part too many": [{ ...good, run: "now" }, "plan: Unrecognized key"],
  "another version": [{ ...good, version: 2 }, "version:"],
  "an unknown mode": [{ ...good, mode: "sync" }, "mode:"],
  "text for a boolean": [{ ...good, collect: "true" }, "collect:"],
  "a window of 0": [{ ...good, window: 0 }, "window:"],
  "a window of 1.5": [{ ...good, window: 1.5 }, "window:"],
  "too large a window": [{ ...good, window: 100_001 }, "window:"],
  "too long a description": [{ ...good, description: "x".repeat(1_025) }, "description:"],
  "an unknown reader": [{ ...good, reader: { reader: "FileReader" } }, "reader.reader:"],
  "a reader with more": [
    { ...good, reader: { ...good.reader, path: "/etc" } },
    "reader: Unrecognized key",
  ],
  "too long a pattern": [
    { ...good, reader: { ...good.reader, pattern: "x".repeat(65_537) } },
    "reader.pattern:",
  ],
  "a count of 0": [
    { ...good, reader: { reader: "KeysOnlyReader", pattern: "*", count: 0, noScan: false } },
    "reader.count:",
  ],
  "too long an id": [
    { ...good, reader: { reader: "StreamReader", key: "s", fromId: "1".repeat(65) } },
    "reader.fromId:",
  ],
  "an unknown step": [{ ...good, steps: [{ type: "eval" }] }, "steps.0.type:"],
  "a step with more": [{ ...good, steps: [{ type: "collect", to: "me" }] }, "steps.0: Unrecog"],
  "a step without callback": [{ ...good, steps: [{ type: "map" }] }, "steps.0.callback:"],
  "a function for a callback": [
    { ...good, steps: [{ type: "map", callback: () => 1 }] },
    "steps.0.callback:",
  ],
  "a negative index": [
    { ...good, steps: [{ type: "map", callback: { ...callback, index: -1 } }] },
    "steps.0.callback.index:",
  ],
  "an unknown built-in": [
    { ...good, steps: [{ type: "map", callback: { source: "builtin", name: "eval" } }] },
    "steps.0.callback.name:",
  ],
  "a negative limit": [
    { ...good, steps: [{ type: "limit", length: -1, start: 0 }] },
    "steps.0.length:",
  ],
  "too many steps": [
    { ...good, steps: Array(MAX_STEPS + 1).fill({ type: "collect" }) },
    "steps:",
  ],
};

Deno.test("validatePlan passes what compile makes", () => {
  assertEquals<unknown>(validatePlan(good), good);
  const full = Array(MAX_STEPS).fill({ type: "collect" });
  assertEquals(validatePlan({ ...good, steps: full }).steps.length, MAX_STEPS);
});

Deno.test("validatePlan refuses what an isolate might forge", () => {
  for (const [name, [plan, message]] of Object.entries(BAD)) {
    const error = assertThrows(() => validatePlan(plan), PinionError);
    assertEquals(error.code, "BAD_PLAN", name);
    assertStringIncludes(error.message, `Cannot run the plan: ${message}`, name);
  }
});

Deno.test("validatePlan refuses steps that need a key where there is none", () => {
  const extract = { type: "extractkey", callback };
  const byKey = { type: "accumulatebykey", callback };
  for (const type of ["accumulatebykey", "group", "reduce", "keyvalue", "repartition"]) {
    const step = { type, ...(/accumulate|reduce/.test(type) && { callback }) };
    for (
      const before of [[], [extract, { type: "dropkey" }], [extract, { type: "map", callback }], [
        extract,
        { type: "keyvalue" },
      ]]
    ) {
      assertThrows(
        () => validatePlan({ ...good, steps: [...before, step] }),
        PinionError,
        `step ${before.length} (${type}) needs a key`,
      );
    }
    validatePlan({ ...good, steps: [extract, step] });
    validatePlan({ ...good, steps: [extract, byKey, { type: "collect" }, step] });
  }
});
