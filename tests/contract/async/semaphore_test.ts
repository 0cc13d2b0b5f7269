import { assertEquals, assertRejects } from "@std/assert";
import { Semaphore } from "../../../contract/async/semaphore.ts";

Deno.test("a semaphore lets so many in at a time, in the order in which they came", async () => {
  const semaphore = new Semaphore(2);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 9 }, (_, n) =>
      semaphore.run(async () => {
        most = Math.max(most, ++inside);
        order.push(n);
        await new Promise((resolve) => setTimeout(resolve, n % 3));
        inside--;
      })),
  );
  assertEquals([most, inside, order], [2, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8]]);
});

Deno.test("who fails gives its permit back, too", async () => {
  const semaphore = new Semaphore(1);
  const failing = () => semaphore.run(() => Promise.reject(new Error("no")));
  for (let n = 0; n < 3; n++) await assertRejects(failing, Error, "no");
  assertEquals(await semaphore.run(() => Promise.resolve("in")), "in");
});
