/**
 * Watches what an isolate uses of the machine, and says when it is too much.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { SAMPLE_MS, type SessionLimits } from "../../contract/isolate/session_limits.ts";
import { cpuMs, residentBytes } from "./process_info.ts";

const MIB = 1024 * 1024;

/** Limits of an isolate. */
export type ResourceLimits = Pick<SessionLimits, "memoryMb" | "cpuSoftMs" | "cpuHardMs">;

/** Called when the isolate has used more. */
export interface ResourceActions {
  /** A limit is broken: the isolate has to be killed. */
  kill(reason: PinionError): void;
  /** The soft limit of CPU time is reached: nothing new should begin. Called once. */
  retire(): void;
}

/** Samples one process until it is disposed. */
export class ResourceWatch implements Disposable {
  readonly #pid: number;
  readonly #baselineBytes: number;
  readonly #limits: ResourceLimits;
  readonly #actions: ResourceActions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isRetired = false;
  #isDisposed = false;

  /** @param baselineBytes Memory that the process had before it ran anything of an author. */
  constructor(
    pid: number,
    baselineBytes: number,
    limits: ResourceLimits,
    actions: ResourceActions,
  ) {
    this.#pid = pid;
    this.#baselineBytes = baselineBytes;
    this.#limits = limits;
    this.#actions = actions;
    this.#schedule();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (!this.#isDisposed) this.#timer = setTimeout(() => void this.#sample(), SAMPLE_MS);
  }

  async #sample(): Promise<void> {
    const [bytes, cpu] = await Promise.all([residentBytes(this.#pid), cpuMs(this.#pid)]);
    if (this.#isDisposed) return;
    const broken = this.#check((bytes ?? 0) - this.#baselineBytes, cpu ?? 0);
    if (broken !== null) return this.#actions.kill(broken);
    this.#schedule();
  }

  #check(bytes: number, cpu: number): PinionError | null {
    const { memoryMb, cpuSoftMs, cpuHardMs } = this.#limits;
    if (bytes > memoryMb * MIB) {
      return new PinionError(
        "LIMIT_MEMORY",
        `The function was stopped: it used ${
          Math.round(bytes / MIB)
        } MiB of memory, the limit is ${memoryMb} MiB (memoryMb)`,
      );
    }
    if (cpu > cpuHardMs) {
      return new PinionError(
        "LIMIT_CPU",
        `The function was stopped: it used ${cpu} ms of CPU time, the limit is ${cpuHardMs} ms (cpuHardMs)`,
      );
    }
    if (cpu > cpuSoftMs && !this.#isRetired) {
      this.#isRetired = true;
      this.#actions.retire();
    }
    return null;
  }
}
