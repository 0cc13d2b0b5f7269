import { assert, assertEquals } from "@std/assert";
import { isRunning, listProcesses } from "./process_list.ts";
import { waitUntil } from "./wait_until.ts";

Deno.test("a child is listed with its parent and arguments until it ends", async () => {
  await using child = new Deno.Command("sleep", { args: ["77"] }).spawn();
  const find = async () => (await listProcesses()).find(({ pid }) => pid === child.pid);
  await waitUntil(async () => (await find())?.args.includes("77") ?? false);
  assertEquals((await find())?.parent, Deno.pid);
  assert(await isRunning(child.pid));
  child.kill("SIGKILL");
  await child.status;
  assertEquals(await find(), undefined);
  assertEquals(await isRunning(child.pid), false);
});
