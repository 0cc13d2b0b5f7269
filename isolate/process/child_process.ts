/**
 * The process of an isolate: how it is started, what it printed, and its end.
 *
 * @module
 */

import { delay } from "@std/async";
import type { ServerAddress } from "../../contract/isolate/messages/host_messages.ts";
import type { ChildBundle } from "./child_bundle.ts";
import { childArguments } from "./process_arguments.ts";

/** Pause between two reads of what a child prints. */
const STDERR_PAUSE_MS = 20;
/** Characters of what a dying child printed that are kept for the log. */
const STDERR_CHARS = 2_000;

/** Options that a child is spawned with. */
export interface ChildOptions {
  readonly bundle: ChildBundle;
  /** Folder of this runtime, in which the child runs. */
  readonly directory: string;
  /** Socket that the child connects to. */
  readonly socketPath: string;
  /** Servers that it may connect to. */
  readonly places: readonly ServerAddress[];
  /** `HOST:PORT` that the sandbox may connect to. */
  readonly allowNet?: readonly string[];
}

/** A child process with minimal rights and no environment. */
export class ChildProcess {
  readonly #child: Deno.ChildProcess;
  /** Resolves when it has ended with the last characters that it printed. */
  readonly printed: Promise<string>;

  /** Starts it. */
  constructor({ directory, socketPath, ...options }: ChildOptions) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: childArguments(options, socketPath),
      clearEnv: true,
      env: { DENO_DIR: `${directory}/deno`, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      cwd: directory,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      // A session of its own: Ctrl-C in a terminal is for the runtime, and a kernel that shares the
      // processors by session gives all threads of a function one share.
      detached: true,
    }).spawn();
    this.printed = keepTail(this.#child);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when it has ended. */
  get ended(): Promise<unknown> {
    return this.#child.status;
  }

  /** Ends it with SIGKILL. */
  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It is gone already.
    }
  }
}

async function keepTail(child: Deno.ChildProcess): Promise<string> {
  let tail = "";
  const ended = new AbortController();
  void child.status.then(() => ended.abort());
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    tail = (tail + text).slice(-STDERR_CHARS);
    // One that prints without end waits for us, not we for it. It rejects when the child has ended.
    await delay(STDERR_PAUSE_MS, { signal: ended.signal }).catch(() => {});
  }
  return tail;
}
