import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { choosePort } from "../../servers/free_port.ts";
import { ClusterStatus } from "../../contract/api/schemas.ts";
import { waitUntil } from "../support/wait_until.ts";
import { cliCommand, runCli } from "./run_cli.ts";
import type { Ready } from "./runtime_process.ts";

interface ClusterProcess extends AsyncDisposable {
  readonly process: Deno.ChildProcess;
  readonly base: number;
  readonly ready: readonly Ready[];
}

async function startCluster(shards: number): Promise<ClusterProcess> {
  const base = choosePort({ cluster: true });
  const args = ["start-cluster", "--json", "--shards", `${shards}`, "--base-port", `${base}`];
  const process = cliCommand(args, { stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  const stderr = new Response(process.stderr).text();
  let stdout = "";
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (stdout.split("\n").length <= shards) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`It ended: ${await stderr}`);
    stdout += value;
  }
  const rest = (async () => {
    while (!(await reader.read()).done);
  })();
  return {
    process,
    base,
    ready: stdout.trimEnd().split("\n").map((line) => JSON.parse(line)),
    async [Symbol.asyncDispose]() {
      try {
        process.kill("SIGINT");
      } catch {
        // It was killed by the test.
      }
      await Promise.all([process.status, stderr, rest]);
    },
  };
}

async function readCluster(ready: Ready): Promise<ClusterStatus> {
  const answer = await fetch(`http://${ready.http}/v1/cluster`);
  return ClusterStatus.parse(await answer.json());
}

async function isServed(port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch {
    return false;
  }
}

function portsOf(base: number, shards: number): number[] {
  return [0, 100, 200, 300].flatMap((offset) =>
    Array.from({ length: shards }, (_, index) => base + offset + index)
  );
}

Deno.test("start-cluster: a line per shard, whose runtimes are linked; Ctrl-C leaves nothing", async () => {
  const { base } = await (async () => {
    await using cluster = await startCluster(2);
    const { base, ready } = cluster;
    assertEquals(
      ready.map(({ redis, resp, http, mesh }) => [redis, resp, http, mesh]),
      [0, 1].map(
        (index) => [
          `redis://127.0.0.1:${base + index}`,
          `127.0.0.1:${base + 100 + index}`,
          `127.0.0.1:${base + 200 + index}`,
          `127.0.0.1:${base + 300 + index}`,
        ],
      ),
    );
    const { clustered, shards } = await readCluster(ready[1]);
    assertEquals([clustered, shards.map(({ runtimes }) => runtimes[0].pid)], [
      true,
      ready.map(({ pid }) => pid),
    ]);
    for (const { links } of shards) assertEquals(links?.map(({ isLinked }) => isLinked), [true]);
    const shown = await runCli(["cluster", "--url", `http://${ready[0].http}`]);
    assertEquals(shown.code, 0);
    const rows = shown.stdout.trimEnd().split("\n").map((line) => line.split("\t"));
    assertEquals(rows.map((row) => row.length), [5, 5, 9, 9, 7, 7]);
    assertEquals(rows.slice(0, 2).map((row) => [row[2], row[4]]), [
      [`127.0.0.1:${base}`, "0-8191"],
      [`127.0.0.1:${base + 1}`, "8192-16383"],
    ]);
    assertEquals(
      rows.slice(2, 4).map((row) => [row[1], row[4]]),
      ready.map(({ resp }) => ["acting", resp]),
    );
    assertEquals(rows.slice(4).map(([link, state]) => [link, state]), [
      ["0 → 1", "linked"],
      ["1 → 0", "linked"],
    ]);
    return cluster;
  })();
  for (const port of portsOf(base, 2)) assertEquals(await isServed(port), false, `${port}`);
});

Deno.test("start-cluster: a runtime that is killed comes back and acts again", async () => {
  await using cluster = await startCluster(2);
  const [first, second] = cluster.ready;
  Deno.kill(first.pid, "SIGKILL");
  await waitUntil(async () => {
    const [{ runtimes }] = (await readCluster(second)).shards;
    return runtimes[0].role === "acting" && runtimes[0].pid !== first.pid;
  }, 20_000);
  const [{ runtimes }] = (await readCluster(first)).shards;
  assertNotEquals(runtimes[0].pid, first.pid);
});

Deno.test("start-cluster: nothing outlives it, also where it is killed", async () => {
  const { base } = await (async () => {
    await using cluster = await startCluster(2);
    cluster.process.kill("SIGKILL");
    await cluster.process.status;
    return cluster;
  })();
  await waitUntil(async () => {
    const served = await Promise.all(portsOf(base, 2).map(isServed));
    return !served.includes(true);
  }, 20_000);
});

Deno.test("start-cluster: a port in use is named, and nothing is started", async () => {
  const base = choosePort({ cluster: true });
  using _taken = Deno.listen({ hostname: "127.0.0.1", port: base + 200 });
  const { code, stderr } = await runCli(["start-cluster", "--base-port", `${base}`]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, `127.0.0.1:${base + 200}`);
  assertStringIncludes(stderr, "--base-port");
  assert(!await isServed(base));
});
