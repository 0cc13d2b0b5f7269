import { assert, assertEquals, assertMatch } from "@std/assert";
import { PinionError } from "../../../errors.ts";
import { ManagedServer } from "../../../servers/managed_server.ts";
import { prepareChildBundle } from "../../support/child_bundle.ts";
import { Isolate } from "../../../isolate/process/isolate.ts";
import { IsolatePool } from "../../../isolate/process/isolate_pool.ts";
import type { FromSandbox } from "../../../contract/isolate/messages/messages.ts";
import { processExists } from "../../../isolate/process/process_info.ts";
import { RuntimeDirectory } from "../../../runtime/runtime_directory.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { loadMessage } from "./load_message.ts";

/** Where isolates of a test start; all that it owns is gone at the test's end. */
async function makePlace() {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await ManagedServer.start());
  const directory = stack.use(await RuntimeDirectory.create());
  const options = {
    bundle: await prepareChildBundle(),
    directory: directory.path,
    redis: redis.address,
    clustered: false,
  };
  return { redis, directory, options, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const OVER = new PinionError("EXECUTION_ABORTED", "over");

Deno.test("an isolate loads a module and dies when it is told to, whatever it does", async () => {
  await using place = await makePlace();
  for (const source of ["1;", "for (;;);", "await new Promise(() => {});"]) {
    const isolate = await Isolate.start(place.options);
    const messages: FromSandbox[] = [];
    isolate.onMessage = (message) => messages.push(message);
    isolate.send(loadMessage(`log("begun"); ${source}`));
    if (!source.startsWith("for")) await waitUntil(() => messages.length > 0);
    assert(await processExists(isolate.pid));
    const started = performance.now();
    await isolate.kill(OVER);
    assert(performance.now() - started < 300);
    assertEquals(await isolate.ended, OVER);
    assertEquals(await processExists(isolate.pid), false);
    isolate.send(loadMessage("1;"));
    await isolate.kill(new PinionError("LIMIT_TIME", "again"));
    assertEquals(await isolate.ended, OVER);
  }
});

Deno.test("an isolate that is killed from outside says so", async () => {
  await using place = await makePlace();
  const isolate = await Isolate.start(place.options);
  Deno.kill(isolate.pid, "SIGKILL");
  const reason = await isolate.ended;
  assertEquals(reason.code, "ISOLATE_DIED");
  assertEquals(isolate.isAlive, false);
});

Deno.test("an isolate ends when its runtime is killed, also in a busy loop", async () => {
  await using place = await makePlace();
  for (const source of ["", "setTimeout(() => { for (;;); }, 20);"]) {
    const runtime = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", new URL("./orphan_main.ts", import.meta.url).pathname],
        ...[place.directory.path, `${place.redis.address.port}`, `log("begun"); ${source}`],
      ],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const reader = runtime.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await reader.read();
    assertMatch(value, /^\d+\n$/);
    const pid = Number(value);
    assert(await processExists(pid));
    runtime.kill("SIGKILL");
    await Promise.all([runtime.status, reader.cancel()]);
    await waitUntil(async () => !await processExists(pid));
  }
});

Deno.test("isolates that are taken at the same time are no more than there may be", async () => {
  await using place = await makePlace();
  await using pool = new IsolatePool(
    place.options,
    { prestarted: 1, maxIsolates: 3 },
    () => {},
  );
  pool.fill();
  const taken = await Promise.allSettled(Array.from({ length: 6 }, () => pool.take()));
  const refused = taken.filter((one) => one.status === "rejected");
  assertEquals([refused.length, pool.size], [3, 3]);
  for (const { reason } of refused) assertEquals(reason.code, "LIMIT_ISOLATES");
});

Deno.test("a prestarted isolate makes room for one that needs more rights", async () => {
  await using place = await makePlace();
  await using pool = new IsolatePool(
    place.options,
    { prestarted: 1, maxIsolates: 1 },
    () => {},
  );
  pool.fill();
  const isolate = await pool.take(["127.0.0.1:9"]);
  assertEquals([isolate.isAlive, pool.size], [true, 1]);
});

Deno.test("a pool that is closed while isolates start leaves none", async () => {
  await using place = await makePlace();
  const pool = new IsolatePool(place.options, { prestarted: 2, maxIsolates: 5 }, () => {});
  pool.fill();
  const taking = pool.take().catch((error) => error);
  await pool[Symbol.asyncDispose]();
  assertEquals((await taking as PinionError).code, "SHUTTING_DOWN");
  assertEquals(pool.size, 0);
});
