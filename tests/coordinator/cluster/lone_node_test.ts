/**
 * A cluster of one node, which knows no address of its own until it meets another one.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { ask } from "../../../servers/managed_cluster.ts";
import { ManagedServer } from "../../../servers/managed_server.ts";
import { keySlot, SLOT_COUNT } from "../../../redis/slots.ts";
import type { Engine } from "../../../runtime/engine/engine.ts";
import { moveSlot } from "../../support/move_slot.ts";
import { startRuntimeBeside, untilWhole } from "../../support/start_cluster.ts";
import { waitUntil } from "../../support/wait_until.ts";

async function startNode() {
  const server = await ManagedServer.start({ cluster: true });
  return { server, id: String(await ask(server, "CLUSTER", "MYID")), shard: 0, isReplica: false };
}

async function infoOf(server: ManagedServer): Promise<string> {
  return String(await ask(server, "CLUSTER", "INFO"));
}

async function deploy(engine: Engine, upgrade: boolean): Promise<void> {
  await engine.deploy({
    name: "lib",
    source: "export function answer() { return 42; }",
    manifest: { env: {}, secrets: [], allowNet: [] },
    upgrade,
  });
}

Deno.test("a runtime beside a node that is alone serves, and goes on when the cluster grows", async () => {
  await using stack = new AsyncDisposableStack();
  const lone = await startNode();
  stack.defer(() => lone.server.stop());
  const slots = Array.from({ length: SLOT_COUNT }, (_, slot) => slot);
  await ask(lone.server, "CLUSTER", "ADDSLOTS", ...slots);
  await waitUntil(async () => (await infoOf(lone.server)).includes("cluster_state:ok"));
  const [[, , [host]]] = await ask(lone.server, "CLUSTER", "SLOTS") as [[number, number, [string]]];
  assertEquals(host, "", "this test is about nodes that do not know their address");

  const first = stack.use(await startRuntimeBeside(lone.server.url));
  const outcome = await first.engine.runScript("GB('ShardsIDReader').count().run()", {});
  assertEquals(outcome.kind === "done" && outcome.outcome.results, [1]);
  await deploy(first.engine, false);

  const other = await startNode();
  stack.defer(() => other.server.stop());
  const { address } = lone.server;
  await ask(other.server, "CLUSTER", "MEET", address.host, address.port);
  for (const { server } of [lone, other]) {
    await waitUntil(async () => {
      const info = await infoOf(server);
      return info.includes("cluster_known_nodes:2") && info.includes("cluster_state:ok");
    }, 15_000);
  }
  // What a cluster has once is at the new node now.
  await moveSlot(keySlot("{libraries}"), lone, other);
  const second = stack.use(await startRuntimeBeside(other.server.url));
  await untilWhole([first, second]);
  assertEquals(second.engine.listLibraries().map(({ version }) => version), [1]);
  await deploy(first.engine, true);
  for (const { engine } of [first, second]) {
    assertEquals(engine.listLibraries().map(({ version }) => version), [2]);
  }
});
