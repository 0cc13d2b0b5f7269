/**
 * Processes that do nothing but use a core each.
 *
 * @module
 */

/** Ends by itself when its parent, this process, is gone. */
const LOOP = "while kill -0 $PPID; do :; done";

/** Starts `count` of them; they end where the returned value is disposed of. */
export function startBusyProcesses(count: number): AsyncDisposable {
  const processes = Array.from(
    { length: count },
    () => new Deno.Command("/bin/sh", { args: ["-c", LOOP], stdin: "null" }).spawn(),
  );
  return {
    async [Symbol.asyncDispose]() {
      for (const process of processes) process.kill("SIGKILL");
      await Promise.all(processes.map(({ status }) => status));
    },
  };
}
