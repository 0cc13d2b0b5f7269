/**
 * Chooses ports for servers of this machine.
 *
 * @module
 */

import { PinionError } from "../errors.ts";

/** Below the ports that systems give to outgoing connections, so that a restart finds it free. */
const FIRST_PORT = 10_000;
const LAST_PORT = 22_000;
/** Distance from the port of a cluster node to that of its bus. */
const BUS_OFFSET = 10_000;
const ATTEMPTS = 100;

/**
 * A port from 10000 to 22000 of the loopback interface on which nothing listens now. With
 * `cluster`, the port of its bus (10000 above) is free too.
 *
 * @throws {PinionError} `INTERNAL` where there is none.
 */
export function choosePort(options: { readonly cluster?: boolean } = {}): number {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    if (isFree(port) && (!options.cluster || isFree(port + BUS_OFFSET))) return port;
  }
  throw new PinionError("INTERNAL", "Cannot choose a port: all that were tried are in use");
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
