import { assert, assertEquals } from "@std/assert";
import { compileBuilder, GB } from "../../../sdk/gears_builder.ts";
import { fingerprintPlan } from "../../../contract/plan/fingerprint.ts";
import type { Plan } from "../../../contract/plan/plan.ts";
import { validatePlan } from "../../../contract/plan/validate.ts";

// deno-lint-ignore no-explicit-any
type Untyped = any;

const add = (sum: number, value: Untyped) => sum + value;

Deno.test("equal pipelines have equal fingerprints, any change makes another", () => {
  const base = () => GB("KeysReader", "*").filter((r) => r.key).aggregate<Untyped>([0], add, add);
  const plans: Plan[] = [
    compileBuilder(base(), "*", {}).plan,
    compileBuilder(base(), "a*", {}).plan,
    compileBuilder(base(), "*", { noScan: true }).plan,
    compileBuilder(base(), "*", { window: 5 }).plan,
    compileBuilder(base(), "*", { mode: "async_local" }).plan,
    compileBuilder(base(), "*", { collect: false }).plan,
    compileBuilder(base().count(), "*", {}).plan,
    compileBuilder(GB("KeysReader", "*").filter((r) => !r.key), "*", {}).plan,
    compileBuilder(GB("KeysReader", "*").filter((r) => r.event), "*", {}).plan,
    compileBuilder(GB("KeysReader", "*").limit(1), "*", {}).plan,
    compileBuilder(GB("KeysReader", "*").limit(1, 1), "*", {}).plan,
    ...[0, "0", 0n, null, [], {}, new Map(), new Map([[1, 2]]), new Set([1]), new Date(0)]
      .map((zeroValue) =>
        compileBuilder(GB().aggregate<Untyped>(zeroValue, add, add), "*", {}).plan
      ),
  ];
  const fingerprints = plans.map(fingerprintPlan);
  assertEquals(new Set(fingerprints).size, plans.length);
  assertEquals(fingerprints[0], fingerprintPlan(compileBuilder(base(), "*", {}).plan));
  assertEquals(fingerprints[0], fingerprintPlan(JSON.parse(JSON.stringify(plans[0]))));
  for (const fingerprint of fingerprints) assert(/^[0-9a-f]{64}$/.test(fingerprint));
});

Deno.test("a fingerprint tells long functions apart that begin alike", () => {
  const filler = `/*${"x".repeat(5_000)}*/`;
  const plans = ["1", "2", "1"].map((value) => {
    const callback = new Function(`${filler} return ${value}`) as () => unknown;
    return compileBuilder(GB().map(callback), "*", {}).plan;
  });
  const [first, second, third] = plans.map(fingerprintPlan);
  assert(first !== second);
  assertEquals(first, third);
  assertEquals<unknown>(validatePlan(plans[0]), plans[0]);
});
