import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { Lease, LEASE_MS, readRecord } from "../../../coordinator/cluster/lease.ts";
import { NodeClients } from "../../../coordinator/cluster/node_clients.ts";
import { recordKey } from "../../../coordinator/cluster/shard_record.ts";
import type { ShardTopology } from "../../../coordinator/cluster/topology.ts";
import { ManagedServer } from "../../../servers/managed_server.ts";
import { waitUntil } from "../../support/wait_until.ts";

const A = "a".repeat(40);
const B = "b".repeat(40);

interface Bench extends AsyncDisposable {
  readonly server: ManagedServer;
  readonly clients: NodeClients;
  readonly shard: ShardTopology;
  lease(digit: string): { lease: Lease; beat(shard?: ShardTopology): Promise<boolean> };
}

/** A Redis that stands for the master of a shard, and runtimes that want its lease. */
async function openBench(): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await ManagedServer.start());
  const clients = stack.use(new NodeClients(server.address));
  const { host, port } = server.address;
  const shard = {
    id: A,
    master: { id: A, host, port },
    replicas: [],
    ranges: [{ first: 0, last: 99 }],
  };
  const owned = stack.move();
  return {
    server,
    clients,
    shard,
    lease(digit) {
      const runId = digit.repeat(40);
      const lease = new Lease(runId, clients);
      return {
        lease,
        async beat(of = shard) {
          const entry = { shardId: of.id, mesh: null, resp: null, http: null, pid: 1 };
          await lease.beat(of, [B], entry);
          return lease.epoch !== null;
        },
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

Deno.test("one holds the lease, and both are known to be there", async () => {
  await using bench = await openBench();
  const [one, two] = [bench.lease("1"), bench.lease("2")];
  assertEquals([await one.beat(), await two.beat(), await one.beat()], [true, false, true]);
  const { lease, runtimes } = await readRecord(bench.clients, bench.shard);
  assertEquals([lease?.holder, lease?.shardId, lease?.epoch], ["1".repeat(40), A, one.lease.epoch]);
  assertEquals(runtimes.map(({ runId }) => runId[0]).sort(), ["1", "2"]);
});

Deno.test("a lease that is not renewed passes on with a greater epoch", async () => {
  await using bench = await openBench();
  const [one, two] = [bench.lease("1"), bench.lease("2")];
  await one.beat();
  const first = one.lease.epoch!;
  const startedAt = performance.now();
  await waitUntil(() => two.beat());
  const tookMs = performance.now() - startedAt;
  assert(tookMs > LEASE_MS - 500, `taken after ${tookMs} ms`);
  assert(two.lease.epoch! > first);
  assertEquals(one.lease.epoch, null, "the old holder has stopped by itself");
  assertEquals(await one.beat(), false);
});

Deno.test("a holder that was late goes on with its epoch where nobody else came", async () => {
  await using bench = await openBench();
  const one = bench.lease("1");
  await one.beat();
  const { epoch } = one.lease;
  await waitUntil(() => one.lease.epoch === null);
  await bench.clients.of(bench.shard.master).ask("HSET", recordKey(bench.shard), "until", 1);
  assertEquals([await one.beat(), one.lease.epoch], [true, epoch]);
});

Deno.test("a lease that is given back passes on at once", async () => {
  await using bench = await openBench();
  const [one, two] = [bench.lease("1"), bench.lease("2")];
  await one.beat();
  const first = one.lease.epoch!;
  assertEquals(await two.beat(), false);
  const entry = { shardId: A, mesh: null, resp: null, http: null, pid: 1 };
  await one.lease.leave(bench.shard, [B], entry);
  assertEquals([one.lease.epoch, await two.beat()], [null, true]);
  assert(two.lease.epoch! > first);
  const { runtimes } = await readRecord(bench.clients, bench.shard);
  assertEquals(runtimes.map(({ runId }) => runId[0]), ["2"]);
});

Deno.test("where the record is lost, the holder goes on before one that stood by", async () => {
  await using bench = await openBench();
  const [one, two] = [bench.lease("1"), bench.lease("2")];
  await one.beat();
  const first = one.lease.epoch!;
  await two.beat();
  await bench.clients.of(bench.shard.master).ask("FLUSHALL");
  assertEquals([await two.beat(), await one.beat(), await two.beat()], [false, true, false]);
  assertEquals(one.lease.epoch, first, "nobody can have held it meanwhile");
});

Deno.test("a lease of another shard that came with its slot means nothing", async () => {
  await using bench = await openBench();
  const [one, two] = [bench.lease("1"), bench.lease("2")];
  await one.beat({ ...bench.shard, id: B });
  assertEquals(await two.beat(), true);
  assertNotEquals(two.lease.epoch, one.lease.epoch);
});

Deno.test("a lease follows its shard to the replica that takes over", async () => {
  await using bench = await openBench();
  const [one, two] = [bench.lease("1"), bench.lease("2")];
  await one.beat();
  const { epoch } = one.lease;
  const promoted = { ...bench.shard, id: "c".repeat(40) };
  assertEquals([await two.beat(promoted), await one.beat(promoted)], [false, true]);
  assertEquals(one.lease.epoch, epoch);
});

Deno.test("where Redis is gone, the lease ends by the holder's own clock", async () => {
  await using bench = await openBench();
  const one = bench.lease("1");
  await one.beat();
  bench.server.kill("SIGSTOP");
  await assertRejects(() => one.beat(), Error, "The link to Redis was closed");
  await waitUntil(() => one.lease.epoch === null);
  bench.server.kill("SIGCONT");
  await waitUntil(() => one.beat());
});

Deno.test("a renewal that came late is due again at once", async () => {
  await using bench = await openBench();
  const one = bench.lease("1");
  await one.beat();
  assertEquals(one.lease.isLate, false);
  bench.server.kill("SIGSTOP");
  const renewal = one.beat();
  await new Promise((resolve) => setTimeout(resolve, LEASE_MS / 2));
  bench.server.kill("SIGCONT");
  await renewal;
  assertEquals(one.lease.isLate, true);
  assertEquals([await one.beat(), one.lease.isLate], [true, false]);
});

Deno.test("a lease counts from when it was asked for, not from its answer", async () => {
  await using bench = await openBench();
  const one = bench.lease("1");
  await one.beat();
  bench.server.kill("SIGSTOP");
  const askedAt = performance.now();
  const renewal = one.beat();
  const heldMs = () => performance.now() - askedAt;
  await waitUntil(() => heldMs() > 0.6 * LEASE_MS);
  bench.server.kill("SIGCONT");
  await renewal;
  await waitUntil(() => one.lease.epoch === null);
  assert(heldMs() < 1.3 * LEASE_MS, `held for ${heldMs()} ms`);
});

Deno.test("one that stands by knows for how long another one holds the lease", async () => {
  await using bench = await openBench();
  const [one, two] = [bench.lease("1"), bench.lease("2")];
  assertEquals(two.lease.othersRemainingMs, 0);
  await one.beat();
  await two.beat();
  const { othersRemainingMs } = two.lease;
  assert(othersRemainingMs > 0 && othersRemainingMs <= LEASE_MS, `${othersRemainingMs} ms`);
  assertEquals(one.lease.othersRemainingMs, 0);
  await waitUntil(() => two.beat());
  assertEquals(two.lease.othersRemainingMs, 0);
});

Deno.test("one that gives its lease back stops before Redis has answered", async () => {
  await using bench = await openBench();
  const one = bench.lease("1");
  await one.beat();
  const entry = { shardId: A, mesh: null, resp: null, http: null, pid: 1 };
  const left = one.lease.leave(bench.shard, [B], entry);
  assertEquals(one.lease.epoch, null);
  await left;
});

Deno.test("one that loses its lease to another stops as soon as it learns so", async () => {
  await using bench = await openBench();
  const [one, two] = [bench.lease("1"), bench.lease("2")];
  await one.beat();
  const key = recordKey(bench.shard);
  await bench.clients.of(bench.shard.master).ask("HSET", key, "until", 1);
  assertEquals([await two.beat(), await one.beat(), one.lease.epoch], [true, false, null]);
});

Deno.test("what somebody else wrote into the record does no harm", async () => {
  await using bench = await openBench();
  const client = bench.clients.of(bench.shard.master);
  const key = recordKey(bench.shard);
  await client.ask("HSET", key, "holder", "?", "until", "soon", "runtime:x", "1", "runtime:", "{");
  await client.ask("HSET", key, `runtime:${"3".repeat(40)}`, "99999999999999 {}");
  const record = await readRecord(bench.clients, bench.shard);
  assertEquals(record, { lease: null, runtimes: [] });
  assertEquals(await bench.lease("1").beat(), true);
});
