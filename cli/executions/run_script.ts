/**
 * Sends a script and follows it to its end: progress bar, log lines, Ctrl-C.
 *
 * @module
 */

import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { type Client, readProblem } from "../base/client.ts";
import type { CommandContext } from "../base/cli_command.ts";
import { ProgressBar } from "../ui/progress.ts";

/** On which shards a script runs; undefined leaves it to the script. */
export type ScriptMode = "async" | "async_local" | undefined;

/** The outcome of a script. */
export interface ScriptReport {
  /** Null if it had no `run()`. */
  readonly executionId: string | null;
  /** Undefined if it was only started. */
  readonly results?: readonly unknown[];
  readonly errors?: readonly string[];
  readonly elapsedMs: number;
}

const SCRIPT_TYPE = "application/typescript";
/** Time that an aborted execution may take to say that it is over. */
const ABORT_GRACE_MS = 3_000;

const Outcome = z.object({
  executionId: z.string().nullable(),
  results: z.array(z.unknown()).optional(),
  errors: z.array(z.string()).optional(),
});
const ProgressEvent = z.object({
  executionId: z.string(),
  read: z.number(),
  expected: z.number().optional(),
  errors: z.number(),
  elapsedMs: z.number(),
});
const LogEvent = z.object({ level: z.string(), message: z.string() });

/** Starts `source`; what it gives is asked for by its id. @throws the runtime's error */
export async function startScript(
  client: Client,
  source: string,
  mode: ScriptMode,
  signal: AbortSignal,
): Promise<ScriptReport> {
  const startedAt = performance.now();
  const outcome = await client.get(Outcome, "/v1/run", {
    method: "POST",
    query: { mode, unblocking: 1 },
    body: { text: source, type: SCRIPT_TYPE },
    signal,
  });
  return { ...outcome, elapsedMs: performance.now() - startedAt };
}

/**
 * Runs `source` and resolves when it is over.
 *
 * @throws the runtime's error; `EXECUTION_ABORTED` after Ctrl-C
 */
export async function followScript(
  client: Client,
  source: string,
  mode: ScriptMode,
  { output, signal }: Pick<CommandContext, "output" | "signal">,
): Promise<ScriptReport> {
  const startedAt = performance.now();
  using bar = new ProgressBar(output);
  using abort = new GracefulAbort(client, signal);
  const events = client.events("/v1/run", {
    method: "POST",
    query: { mode },
    body: { text: source, type: SCRIPT_TYPE },
    signal: abort.signal,
  });
  for await (const { event, data } of events) {
    if (event === "progress") {
      const progress = ProgressEvent.parse(data);
      abort.executionId = progress.executionId;
      bar.update(progress);
    } else if (event === "log") {
      const { level, message } = LogEvent.parse(data);
      bar.stop();
      output.note(output.errorStyle.dim(level === "notice" ? message : `${level}: ${message}`));
    } else if (event === "error") {
      throw readProblem(data) ?? new PinionError("INTERNAL", "The runtime told no reason");
    } else if (event === "result") {
      return { ...Outcome.parse(data), elapsedMs: performance.now() - startedAt };
    }
  }
  throw new PinionError(
    "RUNTIME_UNREACHABLE",
    `${client.origin} closed the connection before the script was over`,
  );
}

/**
 * On Ctrl-C asks the runtime to abort the execution, so that its own last word is shown; closes the
 * connection, which aborts it too, if there is no execution yet or no answer in time.
 */
class GracefulAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #client: Client;
  readonly #interrupted: AbortSignal;
  #timer?: ReturnType<typeof setTimeout>;
  executionId?: string;

  constructor(client: Client, interrupted: AbortSignal) {
    this.#client = client;
    this.#interrupted = interrupted;
    interrupted.addEventListener("abort", this.#onInterrupt);
  }

  /** Ends the request. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly #onInterrupt = (): void => {
    const hangUp = () => this.#controller.abort(this.#interrupted.reason);
    if (this.executionId === undefined) return hangUp();
    this.#timer = setTimeout(hangUp, ABORT_GRACE_MS);
    const path = `/v1/executions/${this.executionId}/abort`;
    this.#client.get(z.unknown(), path, { method: "POST" }).catch(hangUp);
  };

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#interrupted.removeEventListener("abort", this.#onInterrupt);
  }
}
