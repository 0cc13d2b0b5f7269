/**
 * A runtime as a process of its own, which is started again when it dies and ends with its owner.
 *
 * @module
 */

import { delay } from "@std/async";
import { fileURLToPath } from "node:url";
import { PinionError } from "../../errors.ts";
import { ReadyLine } from "../../contract/api/shard_ready.ts";

/** Options of a runtime's process, and its listeners. */
export interface RuntimeProcessOptions {
  /** Arguments of `start`. */
  readonly args: readonly string[];
  /** Required of every client; undefined for none. */
  readonly token: string | undefined;
  /** Told what the runtime logs, a line each. */
  readonly onLog: (line: string) => void;
  /** Told of ends and new beginnings. */
  readonly onRestart: (line: string) => void;
  /** Ends the first start; it rejects with the reason of the abort. */
  readonly signal?: AbortSignal;
}

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
/** Pause before a start again: doubles while it keeps dying within `STABLE_MS`. */
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;
const STABLE_MS = 10_000;
/** Time that an orderly end may take, in milliseconds. */
const STOP_MS = 10_000;

/** Starts a runtime, and starts it again when it dies. */
export class RuntimeProcess implements AsyncDisposable {
  readonly #options: RuntimeProcessOptions;
  readonly #stopping = new AbortController();
  #child: Deno.ChildProcess;
  #ready: ReadyLine | null = null;
  #supervision: Promise<void> = Promise.resolve();

  /** Starts it and waits until it serves. @throws `RUNTIME_UNREACHABLE` where it ends before */
  static async start(options: RuntimeProcessOptions): Promise<RuntimeProcess> {
    options.signal?.throwIfAborted();
    const runtime = new RuntimeProcess(options);
    const giveUp = () => kill(runtime.#child, "SIGTERM");
    options.signal?.addEventListener("abort", giveUp, { once: true });
    try {
      runtime.#ready = await runtime.#becomeReady(runtime.#child);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error;
    } finally {
      options.signal?.removeEventListener("abort", giveUp);
    }
    runtime.#supervision = runtime.#supervise();
    return runtime;
  }

  private constructor(options: RuntimeProcessOptions) {
    this.#options = options;
    this.#child = this.#spawn();
  }

  /** Addresses that it serves at, and the process id that it has now. */
  get ready(): ReadyLine {
    return this.#ready!;
  }

  /** Ends it in order; resolves when it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    kill(child, "SIGTERM");
    const timer = setTimeout(() => kill(child, "SIGKILL"), STOP_MS);
    await child.status;
    await this.#supervision;
    clearTimeout(timer);
  }

  #spawn(): Deno.ChildProcess {
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--config", CONFIG, MAIN, "start", "--json", "--attached"]
        .concat(this.#options.args),
      env: { PINION_TOKEN: this.#options.token ?? "" },
      // Its end says that we are gone, however that happened.
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      // Ctrl-C in a terminal is for us; we end it in order.
      detached: true,
    }).spawn();
  }

  /** Waits for the ready line, and passes on what it logs from then on. */
  async #becomeReady(child: Deno.ChildProcess): Promise<ReadyLine> {
    void eachLine(child.stderr, this.#options.onLog);
    const first = Promise.withResolvers<string>();
    void eachLine(child.stdout, first.resolve).then(() => first.resolve(""));
    const line = await first.promise;
    if (line !== "") return ReadyLine.parse(JSON.parse(line));
    const { code } = await child.status;
    throw new PinionError(
      "RUNTIME_UNREACHABLE",
      `A runtime did not start: it ended with ${code}; what it logged says why`,
    );
  }

  /** Starts it again whenever it ends, until that is wanted. */
  async #supervise(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (true) {
      const startedAt = performance.now();
      const { signal, code } = await this.#child.status;
      if (this.#stopping.signal.aborted) return;
      if (performance.now() - startedAt > STABLE_MS) pauseMs = FIRST_PAUSE_MS;
      const { pid } = this.#child;
      this.#options.onRestart(`the runtime ${pid} ended (${signal ?? code}); it is started again`);
      const { signal: stopping } = this.#stopping;
      await delay(pauseMs, { signal: stopping }).catch(() => {}); // it is not started again then
      if (stopping.aborted) return;
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
      this.#child = this.#spawn();
      const ready = await this.#becomeReady(this.#child).catch(() => null);
      if (ready === null) continue;
      this.#ready = ready;
      this.#options.onRestart(`the runtime ${ready.pid} serves at ${ready.resp} again`);
    }
  }
}

async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  }
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It is gone already.
  }
}
