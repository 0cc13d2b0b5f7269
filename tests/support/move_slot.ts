/**
 * Moves slots between the masters of a running cluster, as `redis-cli --cluster reshard` does.
 *
 * @module
 */

import { ask, type ManagedNode } from "../../servers/managed_cluster.ts";

/** Keys that are moved at a time. */
const BATCH = 100;

/** Moves a slot with its keys. */
export async function moveSlot(slot: number, from: ManagedNode, to: ManagedNode): Promise<void> {
  await ask(to.server, "CLUSTER", "SETSLOT", slot, "IMPORTING", from.id);
  await ask(from.server, "CLUSTER", "SETSLOT", slot, "MIGRATING", to.id);
  await moveKeys(slot, from, to);
  for (const node of [to, from]) await ask(node.server, "CLUSTER", "SETSLOT", slot, "NODE", to.id);
}

async function moveKeys(slot: number, from: ManagedNode, to: ManagedNode): Promise<void> {
  const { host, port } = to.server.address;
  while (true) {
    const keys = await ask(from.server, "CLUSTER", "GETKEYSINSLOT", slot, BATCH) as string[];
    if (keys.length === 0) return;
    await ask(from.server, "MIGRATE", host, port, "", 0, 5_000, "KEYS", ...keys);
  }
}
