/**
 * `--watch`: looks again and again, and shows what it finds in place of what it showed before.
 *
 * @module
 */

import { delay } from "@std/async";
import { PinionError } from "../../errors.ts";
import type { CommandContext } from "./cli_command.ts";

/** Time between two looks, in milliseconds. */
const WATCH_MS = 1_000;
/** Goes to the top of the terminal and clears what is below. */
const CLEAR = "\x1b[H\x1b[J";

/** A subject that is looked at again and again. */
export interface Watched<T> {
  read(signal: AbortSignal): Promise<T>;
  /** The lines that show it; `before` is what was found the last time. */
  render(found: T, before: T | undefined): string[];
}

/**
 * Shows it until Ctrl-C. A runtime that is away for a while ends nothing.
 *
 * @throws what the first look fails with, and later on what is not `RUNTIME_UNREACHABLE`
 */
export async function watch<T>(
  { read, render }: Watched<T>,
  { output, signal }: CommandContext,
): Promise<void> {
  let before: T | undefined;
  /** Remarks since the subject was found last. */
  let said = "";
  while (!signal.aborted) {
    try {
      const found = await read(signal);
      if (output.json) output.printJson(found);
      else {
        const lines = render(found, before);
        // In one go, so that nothing flickers.
        output.print(`${output.interactive ? CLEAR : ""}${lines.join("\n")}`);
      }
      before = found;
      said = "";
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = PinionError.from(error);
      if (before === undefined || code !== "RUNTIME_UNREACHABLE") throw error;
      if (message !== said) output.note(message);
      said = message;
    }
    await delay(WATCH_MS, { signal }).catch(() => {}); // the loop ends by itself
  }
}
