import { assert, assertEquals } from "@std/assert";
import { RedisLink } from "../../../../redis/link/redis_link.ts";
import { ManagedServer } from "../../../../servers/managed_server.ts";
import { RespDecoder, type RespValue } from "../../../../redis/resp_decoder.ts";
import { RespEncoder } from "../../../../redis/resp_encoder.ts";
import { type RuntimeProcess, startRuntime } from "../../../cli/runtime_process.ts";
import { ask, json, post } from "../../http/http_client.ts";
import { waitUntil } from "../../../support/wait_until.ts";

const ROUNDS = 8;
/** Two registrations that count the same messages; only a whole version has both. */
const version = (n: number) =>
  `import { GB, execute } from "pinion";
   const calls = () => execute("RPUSH", "registered", ${n});
   const count = (name) => GB("StreamReader")
     .forEach((r) => execute("HINCRBY", name, r.value.n, 1))
     .register({ prefix: "s", name, onRegistered: calls, description: "${n}", trimStream: false });
   count("one");
   count("two");
   export const version = () => ${n};`;

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

async function command(link: RedisLink, ...args: (string | number)[]): Promise<RespValue> {
  const encoder = new RespEncoder();
  encoder.command(args);
  return new RespDecoder(await link.request(encoder.take(), 1)).next();
}

function deploy({ url }: RuntimeProcess, n: number): Promise<unknown> {
  const body = { source: version(n), upgrade: true };
  return ask(`${url}/v1/libraries/lib`, json("PUT", body));
}

async function list({ url }: RuntimeProcess): Promise<Listed[]> {
  return (await ask(`${url}/v1/registrations`)).body;
}

Deno.test("kill -9 in the middle of deploys: each is there as a whole or not at all", async () => {
  await using redis = await ManagedServer.start();
  using link = await RedisLink.connect(redis.address);
  let runtime = await startRuntime(["--redis", redis.url]);
  try {
    await deploy(runtime, 0);
    const ids = Object.fromEntries((await list(runtime)).map(({ name, id }) => [name, id]));
    assertEquals(Object.keys(ids), ["one", "two"]);
    for (let round = 1; round <= ROUNDS; round++) {
      const deploying = deploy(runtime, round).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 120));
      await runtime.stop("SIGKILL");
      await deploying;
      await command(link, "XADD", "s", "*", "n", round);
      runtime = await startRuntime(["--redis", redis.url]);
      const [one, two, ...others] = await list(runtime);
      assertEquals([one.id, two.id, others], [ids.one, ids.two, []]);
      assertEquals(one.description, two.description);
      const { body } = await ask(`${runtime.url}/invoke/lib/version`, post("", "application/json"));
      assertEquals(`${body}`, one.description);
      for (const name of ["one", "two"]) {
        await waitUntil(async () => await command(link, "HLEN", name) === round, 15_000);
      }
      // It was called for the version that serves, whenever the runtime died.
      const calls = await command(link, "LRANGE", "registered", 0, -1) as string[];
      const own = calls.filter((call) => call === one.description);
      assert(own.length >= 2, `${calls} of ${one.description}`);
    }
  } finally {
    await runtime.stop("SIGKILL");
  }
});

Deno.test("kill -9 in the middle of scripts that register: what was answered is there", async () => {
  await using redis = await ManagedServer.start();
  using link = await RedisLink.connect(redis.address);
  const answered = new Set<string>();
  for (let round = 0; round < 4; round++) {
    const runtime = await startRuntime(["--redis", redis.url]);
    try {
      const known = new Set((await list(runtime)).map(({ id }) => id));
      for (const id of answered) assert(known.has(id), id);
      const script = `await execute("INCR", "top level");
        GB("StreamReader").register({ prefix: "t" }); GB("StreamReader").register({ prefix: "u" });`;
      const running = (async () => {
        while (true) {
          const { body } = await ask(`${runtime.url}/v1/run`, post(script, "text/plain"));
          for (const id of body.registrations) {
            assert(!known.has(id) && !answered.has(id), `${id} was given twice`);
            answered.add(id);
          }
        }
      })().catch((error) => {
        if (error.name === "AssertionError") throw error;
      });
      await waitUntil(() => answered.size > round * 4, 10_000);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
      await runtime.stop("SIGKILL");
      await running;
    } finally {
      await runtime.stop("SIGKILL");
    }
  }
  // No session has one registration without the other.
  const names = await command(link, "SMEMBERS", "__pinion:{libraries}") as string[];
  assert(2 * names.length >= answered.size);
  assert(names.length <= Number(await command(link, "GET", "top level")));
});
