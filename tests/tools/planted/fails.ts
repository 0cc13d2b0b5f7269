/** Planted cases that fail; no part of the suite, the tests of the tool run them. */

Deno.test("a planted failure", () => {
  throw new Error("planted");
});

Deno.test("a suite whose second step fails", async (t) => {
  await t.step("before", () => {});
  await t.step("in between", () => {
    throw new Error("planted");
  });
  await t.step("after", () => {
    throw new Error("never reached");
  });
});

Deno.test("a neighbour", () => {});
