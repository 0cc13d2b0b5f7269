import { assert, assertEquals, assertRejects } from "@std/assert";
import { PinionError } from "../../../errors.ts";
import { ManagedServer } from "../../../servers/managed_server.ts";
import { prepareChildBundle } from "../../support/child_bundle.ts";
import { IsolatePool } from "../../../isolate/process/isolate_pool.ts";
import { processExists } from "../../../isolate/process/process_info.ts";
import { RuntimeDirectory } from "../../../runtime/runtime_directory.ts";
import { waitUntil } from "../../support/wait_until.ts";

async function startPool(prestarted: number, maxIsolates: number) {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await ManagedServer.start());
  const directory = stack.use(await RuntimeDirectory.create());
  const errors: unknown[] = [];
  const pool = stack.use(
    new IsolatePool(
      {
        bundle: await prepareChildBundle(),
        directory: directory.path,
        redis: redis.address,
        clustered: false,
      },
      { prestarted, maxIsolates },
      (error) => errors.push(error),
    ),
  );
  return { pool, errors, directory, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const OVER = new PinionError("EXECUTION_ABORTED", "over");

Deno.test("a pool keeps as many isolates as are wanted, and no more than it may", async () => {
  await using started = await startPool(2, 3);
  const { pool, errors } = started;
  pool.fill();
  await waitUntil(() => pool.size === 2);
  const taken = [await pool.take(), await pool.take(), await pool.take()];
  const refused = await assertRejects(() => pool.take(), PinionError, "maxIsolates");
  assertEquals(refused.code, "LIMIT_ISOLATES");
  assertEquals(new Set(taken.map(({ pid }) => pid)).size, 3);
  await taken[0].kill(OVER);
  await (await pool.take()).kill(OVER);
  assertEquals(errors, []);
});

Deno.test("a prestarted isolate that died is replaced", async () => {
  await using started = await startPool(1, 4);
  const { pool } = started;
  pool.fill();
  await waitUntil(() => pool.size === 1);
  const first = await pool.take();
  await waitUntil(() => pool.size === 2);
  await first.kill(OVER);
  assertEquals(await first.ended, OVER);
  const second = await pool.take();
  assert(second.isAlive);
});

Deno.test("an isolate that was taken for a script is replaced when the script is over", async () => {
  await using started = await startPool(1, 4);
  const { pool } = started;
  pool.fill();
  await waitUntil(() => pool.size === 1);
  const first = await pool.take([], true);
  await first.kill(OVER);
  await waitUntil(() => pool.size === 1);
  const second = await pool.take([], true);
  assert(second.isAlive && second.pid !== first.pid);
});

Deno.test("nothing is left when the pool is closed", async () => {
  let pids: number[] = [];
  {
    await using started = await startPool(1, 4);
    const { pool, directory } = started;
    pids = [(await pool.take()).pid, (await pool.take()).pid];
    // A socket file goes as soon as its child is connected.
    await waitUntil(() =>
      [...Deno.readDirSync(directory.path)].every((entry) => !entry.name.endsWith(".sock"))
    );
  }
  for (const pid of pids) assertEquals(await processExists(pid), false);
});

Deno.test("a closed pool starts nothing any more", async () => {
  const started = await startPool(0, 4);
  await started[Symbol.asyncDispose]();
  const refused = await assertRejects(() => started.pool.take(), PinionError);
  assertEquals(refused.code, "SHUTTING_DOWN");
});
