import { assertEquals } from "@std/assert";
import { ManagedCluster } from "../../servers/managed_cluster.ts";
import { type RuntimeProcess, startRuntime } from "../cli/runtime_process.ts";
import { ask, post } from "../runtime/http/http_client.ts";
import { startRuntimeBeside } from "../support/start_cluster.ts";
import { waitUntil } from "../support/wait_until.ts";

const ROUNDS = 4;
const script = (n: number) =>
  `GB("StreamReader").register({ prefix: "s:*", name: "one", description: "${n}" });
   GB("StreamReader").register({ prefix: "s:*", name: "two", description: "${n}" });`;

Deno.test("kill -9 of the runtime that registers: all shards end with the same version", async () => {
  await using redis = await ManagedCluster.start({ nodeTimeoutMs: 60_000 });
  const [first, second, third] = redis.masters.map(({ server }) => server.url);
  await using one = await startRuntimeBeside(first);
  await using two = await startRuntimeBeside(second);
  let victim = await startRuntime(["--redis", third]);
  const register = (runtime: RuntimeProcess, n: number) =>
    ask(`${runtime.url}/v1/run?id=mine&upgrade`, post(script(n), "text/plain"));
  /** What each shard has, as `id description` of each registration. */
  const versions = async (): Promise<string[]> => {
    const { body } = await ask(`${victim.url}/v1/registrations`);
    const lists = [one.engine.listRegistrations(), two.engine.listRegistrations(), body];
    return lists.map((list: { id: string; description?: string }[]) =>
      list.map(({ id, description }) => `${id} ${description}`).join()
    );
  };
  const untilEqual = async (): Promise<string> => {
    let last: string[] = [];
    await waitUntil(async () => {
      last = await versions();
      return last[0] !== "" && last.every((version) => version === last[0]);
    }, 20_000).catch(() => {
      throw new Error(`The shards have ${last.join(" | ")}`);
    });
    return last[0];
  };
  try {
    // Until all are linked there is nobody to tell; who is linked later reads what is stored.
    await waitUntil(async () => (await register(victim, 0)).status === 200, 20_000);
    const ids = (await untilEqual()).replaceAll(/ \d+/g, "");
    for (let round = 1; round <= ROUNDS; round++) {
      const registering = register(victim, round).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
      await victim.stop("SIGKILL");
      await registering;
      victim = await startRuntime(["--redis", third]);
      const version = await untilEqual();
      assertEquals(version.replaceAll(/ \d+/g, ""), ids);
      const [, of] = /(\d+)$/.exec(version)!;
      assertEquals(version.match(new RegExp(` ${of}(,|$)`, "g"))?.length, 2);
    }
  } finally {
    await victim.stop("SIGKILL");
  }
});
