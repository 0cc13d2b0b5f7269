/** Planted cases that are skipped; no part of the suite, the tests of the tool run them. */

Deno.test({ name: "a planted skip (VARIABLE is unset)", ignore: true, fn() {} });
Deno.test.ignore("another planted skip", () => {});
Deno.test("a suite with a skipped step", async (t) => {
  await t.step({ name: "a skipped step", ignore: true, fn() {} });
});
