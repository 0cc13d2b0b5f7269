/**
 * Reads the system's figures of another process.
 *
 * @module
 */

const PAGE_BYTES = 4096;
/** The kernel counts CPU time in ticks of 1/100 s, whatever its own clock. */
const MS_PER_TICK = 10;

/** Resident bytes of process `pid`; null once it is gone or where the system does not tell. */
export async function residentBytes(pid: number): Promise<number | null> {
  if (Deno.build.os === "linux") {
    try {
      const statm = await Deno.readTextFile(`/proc/${pid}/statm`);
      return Number(statm.split(" ")[1]) * PAGE_BYTES;
    } catch {
      return null;
    }
  }
  const text = await askPs(pid, "rss=");
  return text === null ? null : Number(text) * 1024;
}

/** CPU time that process `pid` has used, in milliseconds; null where the system does not tell. */
export async function cpuMs(pid: number): Promise<number | null> {
  if (Deno.build.os !== "linux") return null;
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    // The name in parentheses may hold blanks; user and system time are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
  } catch {
    return null;
  }
}

/** Tells whether process `pid` is there. */
export async function processExists(pid: number): Promise<boolean> {
  if (Deno.build.os !== "linux") return await askPs(pid, "pid=") !== null;
  try {
    await Deno.stat(`/proc/${pid}`);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

async function askPs(pid: number, column: string): Promise<string | null> {
  const { success, stdout } = await new Deno.Command("ps", {
    args: ["-o", column, "-p", String(pid)],
    stderr: "null",
  }).output();
  return success ? new TextDecoder().decode(stdout) : null;
}
