/**
 * Ends processes that tests started, also those in sessions of their own, such as servers.
 *
 * @module
 */

/** Times that the list of processes is read: one that ends may have started another one. */
const MAX_ROUNDS = 5;

/** Kills a process and all in its group. */
export function killGroup(pid: number): void {
  kill(-pid);
}

/** Kills every process that names a folder in its arguments, environment or working directory. */
export async function endProcessesOf(folder: string): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const pids = (await listProcesses()).filter((pid) => pid !== Deno.pid);
    const named = await Promise.all(pids.map((pid) => isOf(pid, folder)));
    const own = pids.filter((_pid, index) => named[index]);
    if (own.length === 0) return;
    own.forEach(kill);
  }
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

async function listProcesses(): Promise<number[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir("/proc"));
    return entries.map(({ name }) => Number(name)).filter((pid) => pid > 0);
  } catch (error) {
    // A system without it has only the group to go by.
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function isOf(pid: number, folder: string): Promise<boolean> {
  const texts = await Promise.all([
    orEmpty(Deno.readTextFile(`/proc/${pid}/cmdline`)),
    orEmpty(Deno.readTextFile(`/proc/${pid}/environ`)),
    orEmpty(Deno.readLink(`/proc/${pid}/cwd`)),
  ]);
  return texts.some((text) => text.includes(`${folder}/`));
}

/** A text, or nothing of a process that has ended or belongs to someone else. */
async function orEmpty(reading: Promise<string>): Promise<string> {
  try {
    return await reading;
  } catch (error) {
    if (isGone(error)) return "";
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied ||
    (error instanceof Error && /ESRCH|No such process|os error 3\b/.test(error.message));
}
