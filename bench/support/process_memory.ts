/**
 * Memory of other processes, by what Linux says of them in /proc.
 *
 * @module
 */

/** Forgets the peak of a process, so that a new one begins. */
export async function resetPeak(pid: number): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5");
}

/**
 * Greatest resident memory since the start or the last {@linkcode resetPeak}; 0 once it is gone.
 */
export async function readPeakMib(pid: number): Promise<number> {
  try {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  } catch (error) {
    if (isGone(error)) return 0;
    throw error;
  }
}

/** The children of a process. */
export async function listChildren(pid: number): Promise<number[]> {
  const pids: number[] = [];
  try {
    for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
      const children = await Deno.readTextFile(`/proc/${pid}/task/${name}/children`);
      pids.push(...children.split(" ").filter((text) => text !== "").map(Number));
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  return pids;
}

/** A process may end while its files are read: `ENOENT`, or `ESRCH`. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || /os error 3\b/.test(String(error));
}
