/**
 * Many runtimes' meshes in one process, each to be linked with one mesh of another process: what a
 * link costs there is not mixed with what it costs here. Argument: how many. Prints their ports; the
 * line of stdin is the other's port.
 *
 * @module
 */

import { serveMesh } from "../../coordinator/mesh/peers/http_mesh.ts";
import { HUB, linkOptions, rimId } from "./mesh_links.ts";
import { readLines } from "./lines.ts";

const meshes = Array.from(
  { length: Number(Deno.args[0]) },
  (_, index) => serveMesh(linkOptions(rimId(index))),
);
console.log(meshes.map((mesh) => mesh.address.port).join(" "));
for await (const port of readLines()) {
  const hub = new Map([[HUB, { url: `http://127.0.0.1:${port}`, epoch: 1 }]]);
  for (const mesh of meshes) mesh.setPeers(hub);
  console.log("told");
}
