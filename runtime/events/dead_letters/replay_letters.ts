/**
 * Runs dead letters again.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { EventPayload } from "../../../contract/isolate/messages/events.ts";
import type { DeadLetterReplay, QueueName } from "../../../contract/api/dead_letter_info.ts";
import type { DeadLetters } from "./dead_letters.ts";

/** Runner of letters. */
export interface LetterRunner {
  /** Runs an event by itself; why it failed, if it did. */
  runAgain(payload: EventPayload, signal?: AbortSignal): Promise<string | null>;
}

/** Letters that are read at a time. */
const PAGE = 100;
/** Ends of a run by which the event has failed, or is none; others say nothing of it. */
const FAILURES = new Set(["BAD_BODY", "ISOLATE_DIED", "LIMIT_TIME", "LIMIT_MEMORY", "LIMIT_CPU"]);

/**
 * Runs letters one by one, oldest first; those that succeed are removed.
 *
 * @param ids Only these. Default: those that are there when it begins.
 * @throws `NOT_FOUND`, why the library does not run, or the reason of `signal`
 */
export async function replayLetters(
  letters: DeadLetters,
  runner: LetterRunner,
  { queue, ids, signal }: {
    readonly queue: QueueName;
    readonly ids?: readonly string[];
    readonly signal?: AbortSignal;
  },
): Promise<DeadLetterReplay> {
  let replayed = 0;
  const failed: { id: string; error: string }[] = [];
  for await (const id of ids ?? idsOf(letters, queue)) {
    signal?.throwIfAborted();
    const error = await runLetter(runner, () => letters.payload(queue, id), signal);
    if (error === null) replayed += await letters.remove(queue, [id]);
    else failed.push({ id, error });
  }
  return { replayed, failed };
}

async function runLetter(
  runner: LetterRunner,
  read: () => Promise<EventPayload>,
  signal?: AbortSignal,
): Promise<string | null> {
  try {
    return await runner.runAgain(await read(), signal);
  } catch (error) {
    if (error instanceof PinionError && FAILURES.has(error.code)) return error.message;
    throw error;
  }
}

/** Ids of the letters up to the newest one now. */
async function* idsOf(letters: DeadLetters, queue: QueueName): AsyncGenerator<string> {
  const newest = await letters.newestId(queue);
  for (let after = "0-0"; newest !== null;) {
    const page = await letters.read(queue, { after, count: PAGE });
    for (const { id } of page) {
      yield id;
      if (id === newest) return;
    }
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}
