/**
 * One runtime's mesh, which is linked with those of `mesh_rim.ts`. Prints its port; the first line
 * of stdin is theirs. Each line after that is a number of links to have; prints what this process
 * uses with them, as JSON.
 *
 * @module
 */

import { delay } from "@std/async";
import process from "node:process";
import { serveMesh } from "../../coordinator/mesh/peers/http_mesh.ts";
import { HUB, linkOptions, rimId } from "./mesh_links.ts";
import { readLines } from "./lines.ts";

/** Links that are there for so long have said something several times, in milliseconds. */
const SETTLE_MS = 2_000;
/** How long it is watched then. */
const WATCH_MS = 3_000;
const LOOK_MS = 20;

/** What this process has. */
export interface HubFigures {
  readonly rssBytes: number;
  readonly sockets: number;
  /** CPU time while nothing is asked of the links, as a share of one core. */
  readonly cpuShare: number;
}

if (import.meta.main) await serveHub();

async function serveHub(): Promise<void> {
  const mesh = serveMesh(linkOptions(HUB));
  console.log(mesh.address.port);
  const lines = readLines();
  const ports = String((await lines.next()).value).split(" ");
  for await (const line of lines) {
    const count = Number(line);
    mesh.setPeers(
      new Map(
        ports.slice(0, count).map((port, index) => [
          rimId(index),
          { url: `http://127.0.0.1:${port}`, epoch: 1 },
        ]),
      ),
    );
    while (mesh.peers.length < count) await delay(LOOK_MS);
    await delay(SETTLE_MS);
    const before = process.cpuUsage();
    await delay(WATCH_MS);
    const { user, system } = process.cpuUsage(before);
    const figures: HubFigures = {
      rssBytes: Deno.memoryUsage().rss,
      sockets: countSockets(),
      cpuShare: (user + system) / 1_000 / WATCH_MS,
    };
    console.log(JSON.stringify(figures));
  }
}

function countSockets(): number {
  return [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`).startsWith("socket:");
    } catch (error) {
      // The folder's own descriptor is gone again.
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }).length;
}
