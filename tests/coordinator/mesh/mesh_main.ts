/**
 * A process with a mesh of shard `b`, whose one peer is `a`: what the tests of processes kill and
 * stop. Prints its port; the first line of its stdin is the port of `a`.
 *
 * @module
 */

import { z } from "zod";
import { waitUntil } from "../../support/wait_until.ts";
import { addressOf, startMesh } from "./mesh_pair.ts";

/** Bytes after which a slow reader pauses. */
const PAUSE_BYTES = 1024 * 1024;

const mesh = startMesh("b");
let peakRss = 0;
mesh.handle("echo", z.unknown(), (_from, body) => body);
mesh.handle("wait", z.null(), (_from, _body, signal) => waitUntil(() => signal.aborted, 60_000));
mesh.handle("rss", z.null(), () => Deno.memoryUsage().rss);
mesh.handle("peak rss", z.null(), () => peakRss);
mesh.accept("slow", z.null(), async (_from, _header, channel) => {
  let unpaused = 0;
  for await (const bytes of channel) {
    unpaused += bytes.byteLength;
    if (unpaused < PAUSE_BYTES) continue;
    unpaused = 0;
    await new Promise((resolve) => setTimeout(resolve, 4));
    peakRss = Math.max(peakRss, Deno.memoryUsage().rss);
  }
});
mesh.accept("stuck", z.null(), () => {});

console.log(mesh.address.port);
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  mesh.setPeers(new Map([["a", { ...addressOf(mesh), url: `http://127.0.0.1:${Number(text)}` }]]));
}
