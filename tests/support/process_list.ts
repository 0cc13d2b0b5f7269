/**
 * Processes as the system sees them: from `/proc` where there is one, since a bare machine has no
 * `ps`; from `ps` elsewhere.
 *
 * @module
 */

/** One process that runs; one that has ended and that nobody waited for is none. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly args: readonly string[];
}

/** Every process that runs. */
export async function listProcesses(): Promise<ProcessEntry[]> {
  const entries = Deno.build.os === "linux" ? await readProc() : await askPs();
  return entries.filter((entry) => entry !== null);
}

/** True while process `pid` runs. */
export async function isRunning(pid: number): Promise<boolean> {
  if (Deno.build.os === "linux") return await readEntry(`${pid}`) !== null;
  return (await listProcesses()).some((entry) => entry.pid === pid);
}

async function readProc(): Promise<(ProcessEntry | null)[]> {
  const names = Array.from(Deno.readDirSync("/proc"), ({ name }) => name);
  return await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(readEntry));
}

/** One process of `/proc`; null where it has ended. */
async function readEntry(pid: string): Promise<ProcessEntry | null> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    const args = (await Deno.readTextFile(`/proc/${pid}/cmdline`)).split("\0").slice(0, -1);
    // The name in parentheses may hold blanks; after it come the state and the parent.
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return toEntry({ pid, parent, state, args });
  } catch (error) {
    if (hasEnded(error)) return null;
    throw error;
  }
}

/** Ending between opening and reading is ESRCH, which Deno gives no class and no code. */
function hasEnded(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || `${error}`.includes("(os error 3)");
}

async function askPs(): Promise<(ProcessEntry | null)[]> {
  const args = ["-A", "-o", "pid=,ppid=,stat=,args="];
  const { stdout } = await new Deno.Command("ps", { args }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => {
    const [pid, parent, state, ...args] = line.trim().split(/\s+/);
    return toEntry({ pid, parent, state, args });
  });
}

function toEntry(
  row: { pid: string; parent: string; state: string; args: readonly string[] },
): ProcessEntry | null {
  if (row.state.startsWith("Z") || row.state.startsWith("X")) return null;
  return { pid: Number(row.pid), parent: Number(row.parent), args: row.args };
}
