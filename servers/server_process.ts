/**
 * One process of a server, which does not outlive ours.
 *
 * ```text
 *   deno ──spawn──► sh ──exec──► redis-server          same pid
 *     │              └─ fork ──► watcher (sh)           reads the pipe
 *     └──────────── pipe ──────────┘
 * ```
 *
 * The watcher waits on a pipe that only our process holds open. A line on it is the orderly end.
 * The end of the pipe without a line means that our process died, in whatever way: the watcher
 * stops the server and removes its folder. The group of processes is its own, so that Ctrl-C in a
 * terminal reaches us alone and we stop the server in order.
 *
 * @module
 */

/** What to run. */
export interface ServerCommand {
  /** Path of the program, or its name on PATH. */
  readonly path: string;
  /** Arguments of the program. */
  readonly args: readonly string[];
  /** Takes what the server prints. */
  readonly logFile: string;
  /** Removed if our process dies. */
  readonly tempDir?: string;
}

/** Time for a server to end by itself before it is killed. */
const STOP_MS = 5_000;
/** Arguments: log file, folder to remove or nothing, program, its arguments. */
const SCRIPT = `
log=$1; temp=$2; shift 2
{
  {
    read -r line <&3 && exit 0
    kill -TERM $$ && kill -CONT $$ && sleep 0.5
    kill -KILL $$
    [ -n "$temp" ] && rm -rf -- "$temp"
  } >/dev/null 2>&1 &
} 3<&0
exec "$@" </dev/null >>"$log" 2>&1
`;

/** A running server. */
export class ServerProcess {
  readonly #child: Deno.ChildProcess;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  #hasEnded = false;

  /** Starts the server; it serves some time later. */
  constructor(command: ServerCommand) {
    this.#child = new Deno.Command("/bin/sh", {
      args: [
        "-c",
        SCRIPT,
        "sh",
        command.logFile,
        command.tempDir ?? "",
        command.path,
        ...command.args,
      ],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
    this.ended = this.#child.status.then(() => this.#release());
  }

  /** Process id of the server itself. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Whether the process has ended. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Sends a signal; to a process that has ended, does nothing. */
  kill(signal: Deno.Signal): void {
    if (this.#hasEnded) return;
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It ended a moment ago, and we are about to be told.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Asks the server to end, and kills it if it does not. Resolves when it has ended. */
  async stop(): Promise<void> {
    this.kill("SIGTERM");
    this.kill("SIGCONT");
    const timer = setTimeout(() => this.kill("SIGKILL"), STOP_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /** Lets the watcher go. */
  async #release(): Promise<void> {
    this.#hasEnded = true;
    const writer = this.#child.stdin.getWriter();
    try {
      await writer.write(new TextEncoder().encode("end\n"));
      await writer.close();
    } catch {
      // The watcher is gone already.
    }
  }
}
