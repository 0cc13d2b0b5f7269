/**
 * The progress bar of an execution, on stderr, where stdout is a terminal.
 *
 * @module
 */

// @ts-types="./cli_progress.d.ts"
import cliProgress from "cli-progress";
import { formatCount, formatDuration, formatNumber } from "./format.ts";
import type { Output } from "./output.ts";

/** The figures that a {@linkcode ProgressBar} shows. */
export interface Progress {
  readonly read: number;
  /** Records in all, where the reader can tell. */
  readonly expected?: number;
  readonly errors: number;
  readonly elapsedMs: number;
}

/** A bar that vanishes when it is stopped; it shows nothing where nobody watches. */
export class ProgressBar implements Disposable {
  readonly #bar?: InstanceType<typeof cliProgress.SingleBar>;
  #started = false;

  constructor(output: Output) {
    if (!output.interactive || !Deno.stderr.isTerminal()) return;
    const { cyan, dim } = output.errorStyle;
    this.#bar = new cliProgress.SingleBar({
      format: `  ${cyan("{bar}")} {share} ${dim("{details}")}`,
      barsize: Math.max(10, Math.min(40, output.columns - 50)),
      barCompleteChar: "█",
      barIncompleteChar: "░",
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      emptyOnZero: true,
    });
  }

  /** Shows `progress`; an estimate that was too low is raised to what was read. */
  update(progress: Progress): void {
    if (this.#bar === undefined) return;
    const total = Math.max(progress.expected ?? 0, progress.read);
    const value = progress.expected === undefined ? 0 : progress.read;
    if (!this.#started) this.#bar.start(total, 0, { share: "", details: "" });
    this.#started = true;
    this.#bar.setTotal(total);
    this.#bar.update(value, {
      share: progress.expected === undefined ? "" : `${Math.floor(100 * value / (total || 1))}%`,
      details: describeProgress(progress),
    });
  }

  /** Removes the bar. */
  stop(): void {
    if (this.#started) this.#bar?.stop();
    this.#started = false;
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

function describeProgress(progress: Progress): string {
  const errors = progress.errors > 0 ? `, ${formatCount(progress.errors, "error")}` : "";
  return `${formatNumber(progress.read)} read${errors}, ${formatDuration(progress.elapsedMs)}`;
}
