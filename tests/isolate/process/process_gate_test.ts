import { assertEquals, assertRejects } from "@std/assert";
import { ProcessGate } from "../../../isolate/process/process_gate.ts";

Deno.test("a gate lets so many in at a time, in the order in which they came", async () => {
  const gate = new ProcessGate(2);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 9 }, (_, n) =>
      gate.run(async () => {
        most = Math.max(most, ++inside);
        order.push(n);
        await new Promise((resolve) => setTimeout(resolve, n % 3));
        inside--;
      })),
  );
  assertEquals([most, inside, order], [2, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8]]);
});

Deno.test("who fails leaves the gate, too", async () => {
  const gate = new ProcessGate(1);
  const failing = () => gate.run(() => Promise.reject(new Error("no")));
  for (let n = 0; n < 3; n++) await assertRejects(failing, Error, "no");
  assertEquals(await gate.run(() => Promise.resolve("in")), "in");
});
