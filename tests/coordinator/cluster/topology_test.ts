import { assertEquals, assertThrows } from "@std/assert";
import { parseClusterSlots, Topology } from "../../../coordinator/cluster/topology.ts";
import { ask, ManagedCluster } from "../../../servers/managed_cluster.ts";
import type { RespValue } from "../../../redis/resp_decoder.ts";
import { keySlot } from "../../../redis/slots.ts";

const A = "a".repeat(40);
const B = "b".repeat(40);
const C = "c".repeat(40);

Deno.test("slots of a shard may lie apart; shards are in the order of their slots", () => {
  const topology = parseClusterSlots([
    [9000, 16383, ["10.0.0.1", 7000, A]],
    [100, 199, ["10.0.0.1", 7000, A]],
    [0, 99, ["10.0.0.2", 7001, B, []], ["10.0.0.3", 7002, C]],
  ], "seed");
  assertEquals(topology.shards, [
    {
      id: B,
      master: { id: B, host: "10.0.0.2", port: 7001 },
      replicas: [{ id: C, host: "10.0.0.3", port: 7002 }],
      ranges: [{ first: 0, last: 99 }],
    },
    {
      id: A,
      master: { id: A, host: "10.0.0.1", port: 7000 },
      replicas: [],
      ranges: [{ first: 100, last: 199 }, { first: 9000, last: 16383 }],
    },
  ]);
  assertEquals([0, 99, 100, 199, 16383].map((slot) => topology.ownerOf(slot)?.id), [B, B, A, A, A]);
  assertEquals(topology.ownerOf(200), undefined);
  assertEquals(topology.shardOf(C)?.id, B);
  assertEquals(topology.shardOf("d".repeat(40)), undefined);
});

Deno.test("a node that does not know its own host has that of the question", () => {
  for (const host of ["", null]) {
    const { shards } = parseClusterSlots([[0, 16383, [host, 7000, A]]], "10.0.0.9");
    assertEquals(shards[0].master.host, "10.0.0.9");
  }
});

Deno.test("topologies are equal where they say the same, in whatever order", () => {
  const entries: RespValue[] = [
    [0, 1, ["h", 1, A], ["h", 3, C], ["h", 2, B]],
    [3, 4, ["h", 1, A], ["h", 2, B], ["h", 3, C]],
  ];
  const one = parseClusterSlots(entries, "h");
  assertEquals(one.equals(parseClusterSlots(entries.toReversed(), "h")), true);
  assertEquals(one.equals(parseClusterSlots([entries[0]], "h")), false);
  assertEquals(one.equals(new Topology([])), false);
});

Deno.test("what is no CLUSTER SLOTS is refused", () => {
  for (
    const reply of ["OK", null, [1], [["0", 1, ["h", 1, A]]], [[0, 1]], [[0, 1, ["h", "1", A]]]]
  ) {
    assertThrows(() => parseClusterSlots(reply, "h"), Error, "CLUSTER SLOTS is malformed");
  }
});

Deno.test("a managed cluster has equal shares, its replicas, and owners as the slots say", async () => {
  await using cluster = await ManagedCluster.start({
    shards: 2,
    replicas: 1,
    nodeTimeoutMs: 1_500,
  });
  const { server } = cluster.masters[1];
  const topology = parseClusterSlots(await ask(server, "CLUSTER", "SLOTS"), server.address.host);
  assertEquals(
    topology.shards.map(({ id, ranges, replicas }) => [id, ranges, replicas.map(({ id }) => id)]),
    [
      [cluster.nodes[0].id, [{ first: 0, last: 8191 }], [cluster.nodes[2].id]],
      [cluster.nodes[1].id, [{ first: 8192, last: 16383 }], [cluster.nodes[3].id]],
    ],
  );
  for (const key of ["x", "{tag}y", "größer", ""]) {
    const owner = topology.ownerOf(keySlot(key))!;
    const node = cluster.nodes.find(({ id }) => id === owner.id)!;
    assertEquals(await ask(node.server, "EXISTS", key), 0, key);
  }
});
