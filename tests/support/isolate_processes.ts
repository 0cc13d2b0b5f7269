/**
 * The isolates of this process as the system sees them.
 *
 * @module
 */

/** Process ids of the isolates of a runtime's process, sorted. */
export async function isolatePids(runtime: number = Deno.pid): Promise<number[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-o", "pid=,ppid=,stat=,args="] })
    .output();
  const pids: number[] = [];
  for (const line of new TextDecoder().decode(stdout).split("\n")) {
    const [pid, parent, state, ...args] = line.trim().split(/\s+/);
    const isIsolate = args.some((arg) => arg.endsWith("/host.js"));
    if (Number(parent) === runtime && !state.startsWith("Z") && isIsolate) pids.push(Number(pid));
  }
  return pids.sort((a, b) => a - b);
}

/** Whether a process runs. */
export async function isRunning(pid: number): Promise<boolean> {
  return (await isolatePids()).includes(pid);
}
