/**
 * What a runtime holds of the machine and of Redis, to compare before and after.
 *
 * The runtime of a test runs in the test's own process. Processes and descriptors are counted on
 * Linux only.
 *
 * @module
 */

/** See the module. */
export interface Footprint {
  /** Child processes that are isolates. */
  readonly isolates: number;
  /** Open file descriptors of the runtime's process. */
  readonly descriptors: number;
  /** Socket files in the runtime's folder. */
  readonly sockets: number;
  /** Lines of CLIENT LIST. */
  readonly connections: number;
  /** Keys that the runtime has stored. */
  readonly keys: number;
}

/** Process ids of the isolates of this process. */
export async function listIsolates(): Promise<number[]> {
  if (Deno.build.os !== "linux") return [];
  const pids: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (/^\d+$/.test(name) && await isIsolate(name)) pids.push(Number(name));
  }
  return pids;
}

/** @param inRedis What Redis itself knows. */
export async function takeFootprint(
  inRedis: Pick<Footprint, "connections" | "keys">,
): Promise<Footprint> {
  return {
    isolates: (await listIsolates()).length,
    descriptors: await countEntries("/proc/self/fd", () => true),
    sockets: await countSockets(),
    ...inRedis,
  };
}

/** Whether there is no more of anything than there was. */
export function isWithin(after: Footprint, before: Footprint): boolean {
  return (Object.keys(before) as (keyof Footprint)[]).every((name) => after[name] <= before[name]);
}

async function isIsolate(pid: string): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    if (parent !== String(Deno.pid)) return false;
    return (await Deno.readTextFile(`/proc/${pid}/cmdline`)).includes("host.js");
  } catch {
    // It ended meanwhile, or is another user's.
    return false;
  }
}

async function countSockets(): Promise<number> {
  const temp = Deno.env.get("TMPDIR") ?? "/tmp";
  let count = 0;
  for await (const { name } of Deno.readDir(temp)) {
    if (!name.startsWith(`pinion-${Deno.pid}-`)) continue;
    count += await countEntries(`${temp}/${name}`, (entry) => entry.endsWith(".sock"));
  }
  return count;
}

async function countEntries(folder: string, isCounted: (name: string) => boolean): Promise<number> {
  let count = 0;
  try {
    for await (const { name } of Deno.readDir(folder)) if (isCounted(name)) count++;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return count;
}
