/**
 * Where the figures were measured: without it they say nothing.
 *
 * @module
 */

import { cpus } from "node:os";
import { findServer } from "../../servers/server_binary.ts";

/** See the module. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryMib: number;
  readonly os: string;
  readonly redis: string;
  readonly deno: string;
  readonly v8: string;
  /** Over 1, 5 and 15 minutes, before the first benchmark. */
  readonly loadAverage: readonly number[];
}

/** Looks at this machine. */
export async function describeMachine(): Promise<Machine> {
  return {
    cores: navigator.hardwareConcurrency,
    cpu: cpus()[0]?.model ?? "unknown",
    memoryMib: Math.round(Deno.systemMemoryInfo().total / 1024 / 1024),
    os: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
    redis: (await findServer())?.version ?? "none",
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    loadAverage: Deno.loadavg().map((load) => Math.round(load * 100) / 100),
  };
}
