/**
 * How much of the machine others use meanwhile: times that were measured beside them say nothing.
 *
 * Linux only; elsewhere the machine counts as ours.
 *
 * @module
 */

/** CPU time so far, in ticks of 1/100 s. */
export interface CpuTimes {
  /** Of all processes. */
  readonly busy: number;
  /** All there was, idle time included. */
  readonly total: number;
  /** Of this process and those that it has started. */
  readonly own: number;
}

/** What has been used since the start. */
export async function readCpuTimes(): Promise<CpuTimes> {
  if (Deno.build.os !== "linux") return { busy: 0, total: 0, own: 0 };
  const line = (await Deno.readTextFile("/proc/stat")).split("\n", 1)[0];
  const fields = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const total = fields.reduce((sum, ticks) => sum + ticks, 0);
  const [, , , idle, waiting] = fields;
  return { busy: total - idle - waiting, total, own: await readOwnTicks() };
}

/** The share of the machine, 0 to 1, that others used between two readings. */
export function foreignShare(before: CpuTimes, after: CpuTimes): number {
  const total = after.total - before.total;
  if (total <= 0) return 0;
  return Math.max(0, after.busy - before.busy - (after.own - before.own)) / total;
}

/** Ticks of this process and of all below it; those that have ended count for their parent. */
async function readOwnTicks(): Promise<number> {
  const rows: { pid: number; parent: number; ticks: number }[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Time of its own in user and kernel mode, and of its children that have ended.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    rows.push({ pid: Number(name), parent: Number(fields[1]), ticks: ticks || 0 });
  }
  const ours = new Set([Deno.pid]);
  for (let size = 0; size !== ours.size;) {
    size = ours.size;
    for (const { pid, parent } of rows) if (ours.has(parent)) ours.add(pid);
  }
  return rows.reduce((sum, { pid, ticks }) => ours.has(pid) ? sum + ticks : sum, 0);
}
