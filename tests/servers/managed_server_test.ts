import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { PinionError } from "../../errors.ts";
import { RedisLink } from "../../redis/link/redis_link.ts";
import { ManagedServer } from "../../servers/managed_server.ts";
import { findServer, refuseMissing } from "../../servers/server_binary.ts";
import { ask } from "../redis/commands.ts";
import { isRunning } from "../support/process_list.ts";

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function waitUntil(condition: () => Promise<boolean>, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!await condition()) {
    assert(performance.now() < end, `not within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function readDir(server: ManagedServer): Promise<string> {
  using link = await RedisLink.connect(server.address);
  const [, dir] = await ask(link, "CONFIG", "GET", "dir") as string[];
  return dir;
}

Deno.test("ManagedServer serves until it is stopped", async () => {
  const server = await ManagedServer.start();
  assertMatch(server.url, /^redis:\/\/127\.0\.0\.1:\d+$/);
  assertMatch(server.version, /^(redis|valkey) \d+\.\d+\.\d+$/);
  const dir = await readDir(server);
  assert(await exists(`${dir}/server.log`));
  assert(await isRunning(server.pid));
  await server.stop();
  await server.stop();
  assert(server.hasEnded);
  assertEquals(await isRunning(server.pid), false);
  assertEquals(await exists(dir), false);
});

Deno.test("ManagedServer restarts on its port, with its data where they persist", async () => {
  for (const persistence of [false, true]) {
    await using server = await ManagedServer.start({ persistence });
    const { pid, url } = server;
    using link = await RedisLink.connect(server.address);
    assertEquals(await ask(link, "SET", "key", "value"), "OK");
    server.kill("SIGKILL");
    await server.restart();
    assertEquals(server.url, url);
    assert(server.pid !== pid);
    using again = await RedisLink.connect(server.address);
    assertEquals(await ask(again, "GET", "key"), persistence ? "value" : null);
  }
});

Deno.test("ManagedServer keeps the folder that it is given", async () => {
  const dir = await Deno.makeTempDir();
  const server = await ManagedServer.start({ dir });
  assertEquals(await readDir(server), await Deno.realPath(dir));
  await server.stop();
  assert(await exists(`${dir}/server.log`));
  await Deno.remove(dir, { recursive: true });
});

Deno.test("ManagedServer runs as a cluster node and takes arguments", async () => {
  await using server = await ManagedServer.start({
    cluster: true,
    args: ["--maxmemory", "77mb", "--requirepass", "s3cret"],
  });
  using link = await RedisLink.connect(server.address);
  assertStringIncludes(String(await ask(link, "INFO", "cluster")), "cluster_enabled:1");
  assertEquals(await ask(link, "CONFIG", "GET", "maxmemory"), ["maxmemory", `${77 * 2 ** 20}`]);
  assert(!server.url.includes("s3cret"));
});

Deno.test("ManagedServer says what the server logged before it died", async () => {
  const bad = () => ManagedServer.start({ args: ["--no-such-option", "1"] });
  const error = await assertRejects(bad, PinionError, "did not start: it ended");
  assertEquals(error.code, "REDIS_UNAVAILABLE");
  assertStringIncludes(error.message, "no-such-option");
});

Deno.test("ManagedServer is not mistaken for another server on its port", async () => {
  await using server = await ManagedServer.start();
  const second = () => ManagedServer.start({ port: server.address.port });
  await assertRejects(second, PinionError, "Address already in use");
});

Deno.test("ManagedServer stops starting on a signal", async () => {
  const controller = new AbortController();
  const starting = ManagedServer.start({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => starting, Error, "enough");
});

Deno.test("ManagedServer can be stopped while it is paused", async () => {
  const server = await ManagedServer.start();
  server.kill("SIGSTOP");
  await server.stop();
  assertEquals(await isRunning(server.pid), false);
});

Deno.test("ManagedServer does not outlive an owner that is killed", async () => {
  const script = `
    import { ManagedServer } from ${
    JSON.stringify(import.meta.resolve("../../servers/managed_server.ts"))
  };
    const server = await ManagedServer.start();
    console.log(server.pid + " " + server.address.port);
    setInterval(() => {}, 1_000);
  `;
  const config = new URL(import.meta.resolve("../../deno.json")).pathname;
  await using owner = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", config, script],
    stdout: "piped",
  }).spawn();
  const reader = owner.stdout.getReader();
  const { value } = await reader.read();
  const [pid, port] = new TextDecoder().decode(value).trim().split(" ").map(Number);
  const link = await RedisLink.connect({ host: "127.0.0.1", port, db: 0, tls: false });
  const [, dir] = await ask(link, "CONFIG", "GET", "dir") as string[];
  link.close();
  owner.kill("SIGKILL");
  await owner.status;
  await reader.cancel();
  await waitUntil(async () => !await isRunning(pid), 1_000);
  await waitUntil(async () => !await exists(dir), 2_000);
});

Deno.test("findServer takes the program of the environment only", async () => {
  const found = await findServer();
  assert(found !== undefined);
  try {
    Deno.env.set("PINION_REDIS_SERVER", "/nonexistent/redis-server");
    assertEquals(await findServer(), undefined);
    const start = () => ManagedServer.start();
    const error = await assertRejects(start, PinionError, "Set PINION_REDIS_SERVER to");
    assertEquals(error.code, "UNSUPPORTED");
  } finally {
    Deno.env.delete("PINION_REDIS_SERVER");
  }
  assertStringIncludes(refuseMissing("none").message, "none. Install one: ");
});
