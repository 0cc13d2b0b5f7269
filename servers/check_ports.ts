/**
 * Finds out whether `start` can listen where it shall, before anything is started.
 *
 * @module
 */

import { PinionError } from "../errors.ts";

/** Address that is to be served at. */
export interface PortAddress {
  readonly hostname: string;
  readonly port: number;
}

/** Obstacles, by the class of the error. */
const REASONS = [
  [Deno.errors.AddrInUse, "something else listens there; end it"],
  [Deno.errors.PermissionDenied, "the system does not allow it"],
  [Deno.errors.AddrNotAvailable, "this machine has no such address"],
] as const;

/** Looks at the addresses that are served. @throws `BAD_ARGUMENT` that names one, and its option */
export function requireFreePorts(config: Readonly<Record<"resp" | "http", PortAddress>>): void {
  for (const name of ["resp", "http"] as const) {
    requireFree(config[name], `another address with --${name} HOST:PORT`);
  }
}

/** @throws `BAD_ARGUMENT` that names the address and advises to choose `alternative` */
export function requireFree(
  { hostname, port }: PortAddress,
  alternative: string,
): void {
  try {
    Deno.listen({ hostname, port }).close();
  } catch (cause) {
    const [, reason] = REASONS.find(([kind]) => cause instanceof kind) ?? [];
    throw new PinionError(
      "BAD_ARGUMENT",
      `Cannot listen on ${hostname}:${port}: ${reason ?? (cause as Error).message}, or choose ` +
        alternative,
      { cause },
    );
  }
}
