import { assertEquals, assertRejects } from "@std/assert";
import { NodeClients } from "../../../coordinator/cluster/node_clients.ts";
import { TopologyWatch } from "../../../coordinator/cluster/topology_watch.ts";
import { PinionError } from "../../../errors.ts";
import { ManagedCluster } from "../../../servers/managed_cluster.ts";

/** Longer than a runtime waits for one answer about the cluster. */
const STOPPED_MS = 1_500;

Deno.test("a seed that answers late is waited for, one that is gone is not", async () => {
  await using cluster = await ManagedCluster.start({ shards: 1 });
  const { server, id } = cluster.masters[0];
  using clients = new NodeClients(server.address);
  const watch = new TopologyWatch(server.address, clients);
  server.kill("SIGSTOP");
  const starting = watch.start();
  await new Promise((resolve) => setTimeout(resolve, STOPPED_MS));
  server.kill("SIGCONT");
  await starting;
  assertEquals([watch.seedId, watch.home?.id], [id, id]);
  await server.stop();
  const error = await assertRejects(() => watch.start(), PinionError);
  assertEquals(error.code, "REDIS_UNAVAILABLE");
});
