/**
 * Who goes first where processors are scarce.
 *
 * @module
 */

import { setPriority } from "node:os";

/** Niceness of what others go before. */
const NICE = 10;

/**
 * Lets Redis, its clients, the runtime and the functions that somebody waits for go before a process.
 * A kernel that shares the processors by session wants to hear it of the session, others of every
 * thread. There is no way back without rights that a runtime should not have.
 */
export function lowerPriority(pid: number): void {
  try {
    Deno.writeTextFileSync(`/proc/${pid}/autogroup`, `${NICE}`);
  } catch {
    // The kernel shares by thread, or the process has ended.
  }
  try {
    for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) setPriority(Number(name), NICE);
  } catch {
    // A system without these files, or a thread that has ended: it runs all the same.
  }
}
