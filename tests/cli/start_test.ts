import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseRedisUrl } from "../../redis/redis_url.ts";
import { connectRedis } from "./redis_client.ts";
import { listProcesses } from "../support/process_list.ts";
import { runCli } from "./run_cli.ts";
import { startRuntime } from "./runtime_process.ts";

async function canConnect(address: string): Promise<boolean> {
  const at = address.lastIndexOf(":");
  const hostname = address.slice(0, at);
  try {
    using _connection = await Deno.connect({ hostname, port: Number(address.slice(at + 1)) });
    return true;
  } catch {
    return false;
  }
}

async function commandsWith(text: string): Promise<string[]> {
  const commands = (await listProcesses()).map(({ args }) => args.join(" "));
  return commands.filter((command) => command.includes(text));
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`start: --json prints one ready line, ${signal} leaves nothing behind`, async () => {
    await using runtime = await startRuntime();
    const { ready } = runtime;
    assertEquals(Object.keys(ready), ["ready", "redis", "resp", "http", "mesh", "pid"]);
    const { host, port } = parseRedisUrl(ready.redis);
    const addresses = [ready.resp, ready.http, `${host}:${port}`];
    for (const address of addresses) assert(await canConnect(address), address);
    const { code, stdout } = await runtime.stop(signal);
    assertEquals(code, 0);
    assertEquals(stdout.trimEnd().split("\n").length, 1);
    for (const address of addresses) assertEquals(await canConnect(address), false, address);
    assertEquals(await commandsWith(`:${port}`), []);
  });
}

Deno.test("start: serves a Redis that is there, and leaves it running", async () => {
  await using first = await startRuntime();
  await using second = await startRuntime(["--redis", first.ready.redis]);
  assertEquals(second.ready.redis, first.ready.redis);
  await using direct = connectRedis(first.ready.redis);
  await direct.set("a", "1");
  await using through = connectRedis(`redis://${second.ready.resp}`);
  assertEquals(await through.get("a"), "1");
  await second.stop();
  assertEquals(await direct.get("a"), "1");
});

Deno.test("start: a token is asked of everyone, and never shown", async () => {
  await using runtime = await startRuntime(["--token", "s3cret"]);
  const refused = await runCli(["libraries", "--url", runtime.url]);
  assertEquals(refused.code, 4);
  assertStringIncludes(refused.stderr, "--token or PINION_TOKEN");
  const wrong = await runCli(["libraries", "--url", runtime.url, "--token", "other"]);
  assertEquals(wrong.code, 4);
  const allowed = await runCli(["libraries", "--url", runtime.url, "--json"], {
    env: { PINION_TOKEN: "s3cret" },
  });
  assertEquals([allowed.code, allowed.stdout], [0, "[]\n"]);
  const { stdout, stderr } = await runtime.stop();
  for (const text of [refused, wrong, allowed].map((run) => run.stdout + run.stderr)) {
    assert(!text.includes("s3cret"));
  }
  assert(!(stdout + stderr).includes("s3cret"));
});

interface Refusal {
  readonly args: readonly string[];
  readonly code: number;
  readonly says: string;
}

const REFUSALS: readonly Refusal[] = [
  { args: ["--http", "0.0.0.0:0"], code: 2, says: "without a token" },
  { args: ["--http", "nowhere"], code: 2, says: "expected HOST:PORT" },
  { args: ["--redis", "redis://127.0.0.1:1", "--http", "127.0.0.1:0"], code: 5, says: "Redis" },
];

for (const { args, code, says } of REFUSALS) {
  Deno.test(`start: ${args.join(" ")} is refused`, async () => {
    const result = await runCli(["start", "--resp", "127.0.0.1:0", ...args]);
    assertEquals([result.code, result.stdout], [code, ""]);
    assertStringIncludes(result.stderr, says);
  });
}

Deno.test("start: a port in use is refused and named", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  const { code, stderr } = await runCli(["start", "--resp", address, "--http", "127.0.0.1:0"]);
  assert(code !== 0);
  assertStringIncludes(stderr, address);
});

Deno.test("start: --config gives settings, options come first", async () => {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(file, JSON.stringify({ http: "nowhere", token: "from-file" }));
    await using runtime = await startRuntime(["--config", file]);
    const { code } = await runCli(["libraries", "--url", runtime.url]);
    assertEquals(code, 4);
  } finally {
    await Deno.remove(file);
  }
});
