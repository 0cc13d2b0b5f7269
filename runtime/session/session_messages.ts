/**
 * The table of messages that a sandbox sends: each row hands one kind to the part that takes it.
 *
 * @module
 */

import type { LogLine } from "../../contract/api/log_entry.ts";
import type { FromSandbox } from "../../contract/isolate/messages/messages.ts";
import type { AuthorErrors } from "./base/author_errors.ts";
import type { ModuleLoad } from "./module_load.ts";
import type { SessionCalls } from "./session_calls.ts";
import type { ChainTeller } from "./base/session_context.ts";
import type { SessionDeliveries } from "./session_deliveries.ts";
import type { SessionExecutions } from "./session_executions.ts";
import type { SessionParts } from "./session_parts.ts";
import type { SessionRegistrations } from "./session_registrations.ts";
import type { SessionRuns } from "./session_runs.ts";

/** Parts of a session that messages go to. */
export interface MessageTakers {
  readonly load: ModuleLoad;
  readonly runs: SessionRuns;
  readonly registrations: SessionRegistrations;
  readonly executions: SessionExecutions;
  readonly parts: SessionParts;
  readonly deliveries: SessionDeliveries;
  readonly calls: SessionCalls;
  readonly chains: ChainTeller;
  readonly errors: AuthorErrors;
  /** The session itself, as the writer of keys. */
  readonly writer: { sync(): Promise<void> };
  log(level: LogLine["level"], message: string): void;
  /** The sandbox has read everything that was sent before `sync`. */
  synced(): void;
}

type Message<Type extends FromSandbox["type"]> = Extract<FromSandbox, { type: Type }>;

type Rows = {
  readonly [Type in FromSandbox["type"]]: (to: MessageTakers, message: Message<Type>) => void;
};

const ROWS: Rows = {
  loaded: ({ load }, message) => load.loaded(message),
  loadFailed: ({ load, errors }, { error }) => load.failed(errors.fromData(error)),
  run: ({ runs }, message) => runs.ask(message),
  register: ({ registrations }, message) => registrations.add(message),
  progress({ executions, parts }, { executionId, figures }) {
    parts.get(executionId)?.report(figures);
    executions.get(executionId)?.report(figures);
  },
  results({ executions, parts }, { executionId, records }) {
    if (parts.get(executionId)?.results(records)) return;
    executions.addResults(executionId, records);
  },
  done: ({ runs }, message) => runs.done(message),
  shuffle: ({ parts }, { executionId, shuffle, target, records }) =>
    parts.get(executionId)?.shuffle(shuffle, target, records),
  shuffleEnd: ({ parts }, { executionId, shuffle }) => parts.get(executionId)?.shuffleEnd(shuffle),
  took: ({ parts }, { executionId, shuffle, source, bytes }) =>
    parts.get(executionId)?.took(shuffle, source, bytes),
  eventsDone: ({ deliveries }, message) => deliveries.done(message),
  triggerReplies: ({ calls }, message) => calls.replyToTriggers(message),
  triggerReply: ({ calls, errors }, { id, results, errors: texts }) =>
    calls.replyToTrigger(id, results, errors.mapTexts(texts)),
  wrote: ({ chains, writer }, message) => chains.take(message, writer),
  adding: ({ chains, writer }, message) => chains.take(message, writer),
  added: ({ chains, writer }, message) => chains.take(message, writer),
  synced: ({ synced }) => synced(),
  reply: ({ calls }, { id, body }) => calls.reply(id, body),
  fetchReply: ({ calls }, message) => calls.replyToFetch(message.id, message),
  failed: ({ calls, errors }, { id, error }) => calls.fail(id, errors.fromData(error)),
  log: ({ log }, { level, message }) => log(level, message),
  warm: () => {},
};

/**
 * Hands a message to its part. @throws TypeError, RangeError where none of our sandboxes sends it
 */
export function takeMessage<Type extends FromSandbox["type"]>(
  takers: MessageTakers,
  message: Message<Type>,
): void {
  ROWS[message.type as Type](takers, message);
}
