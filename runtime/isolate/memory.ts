/**
 * The memory of another process.
 *
 * @module
 */

const PAGE_BYTES = 4096;

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
  const { success, stdout } = await new Deno.Command("ps", {
    args: ["-o", "rss=", "-p", String(pid)],
    stderr: "null",
  }).output();
  return success ? Number(new TextDecoder().decode(stdout)) * 1024 : null;
}
