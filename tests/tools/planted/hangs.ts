/** Planted cases that do not end; no part of the suite, the tests of the tool run them. */

const NEVER = Promise.withResolvers<void>().promise;

Deno.test({ name: "a planted hang", timeout: 200, fn: () => NEVER });

Deno.test({
  name: "a suite whose second step hangs",
  timeout: 300,
  async fn(t) {
    using _owned = { [Symbol.dispose]: () => console.log("the suite is disposed of") };
    await t.step("slow", () => new Promise((resolve) => setTimeout(resolve, 200)));
    await t.step("endless", () => NEVER);
    await t.step("after", () => {});
  },
});

Deno.test({
  name: "a suite that is slower than its deadline, its steps are not",
  timeout: 300,
  async fn(t) {
    const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 200));
    for (const name of ["one", "two", "three"]) await t.step(name, pause);
  },
});

Deno.test({
  name: "a planted loop",
  timeout: 50,
  fn() {
    for (;;);
  },
});

Deno.test("a neighbour", () => {});
