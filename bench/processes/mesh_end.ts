/**
 * One of two runtimes' meshes. Arguments: its shard, the other's shard. Prints its port; the first
 * line of stdin is the other's port. Each line after that is a number of batches to send; prints the
 * time that it took until the other has read them all, in milliseconds.
 *
 * @module
 */

import { z } from "zod";
import { serveMesh } from "../../coordinator/mesh/peers/http_mesh.ts";
import { BATCH_BYTES } from "../cluster/batch.ts";
import { readLines } from "./lines.ts";

const [shardId, peerId] = Deno.args;

const mesh = serveMesh({
  shardId,
  runId: shardId,
  epoch: () => 1,
  listen: { hostname: "127.0.0.1", port: 0 },
  trust: { secret: "a secret of this benchmark" },
  onLog: (message) => console.error(message),
});
mesh.accept("batches", z.int(), async (_from, count, channel) => {
  let received = 0;
  for await (const batch of channel) received += batch.byteLength;
  if (received !== count * BATCH_BYTES) throw new Error(`${received} bytes came`);
});

console.log(mesh.address.port);
const lines = readLines();
const port = Number((await lines.next()).value);
mesh.setPeers(new Map([[peerId, { url: `http://127.0.0.1:${port}`, epoch: 1 }]]));
const linked = Promise.withResolvers<void>();
mesh.onPeerLinked(() => linked.resolve());
await linked.promise;
console.log("linked");

for await (const line of lines) {
  const count = Number(line);
  const started = performance.now();
  const channel = mesh.open(peerId, "batches", count);
  for (let sent = 0; sent < count; sent++) {
    const waits = channel.send(new Uint8Array(BATCH_BYTES));
    if (waits !== undefined) await waits;
  }
  channel.end();
  await channel.closed;
  console.log(performance.now() - started);
}
