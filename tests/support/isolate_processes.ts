/**
 * The isolates of this process as the system sees them.
 *
 * @module
 */

import { listProcesses } from "./process_list.ts";

/** Process ids of the isolates of a runtime's process, sorted. */
export async function isolatePids(runtime: number = Deno.pid): Promise<number[]> {
  return (await listProcesses())
    .filter(({ parent, args }) => parent === runtime && args.some(isHostThread))
    .map(({ pid }) => pid)
    .sort((a, b) => a - b);
}

function isHostThread(arg: string): boolean {
  return arg.endsWith("/host.js");
}
