/**
 * Runs the events of one registration in the session that serves its library.
 *
 * After an upgrade the next delivery goes to the new session, once what this registration has under
 * way in the old one is over: nothing is run by both, and the order is kept.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { EventPayload, EventsDoneMessage } from "../../../contract/isolate/messages/events.ts";
import { MAX_DELIVERY_BYTES } from "../../../contract/isolate/messages/message_limits.ts";
import type { Session } from "../../session/session.ts";
import { countOf } from "../../session/session_deliveries.ts";
import type { Delivery, EventRunner, ExecutionObserver } from "../source/event_source.ts";
import type { ServingModule } from "../source/serving.ts";
import type { SuspectGate } from "./suspect_gate.ts";

/** Services that a runner uses of its library. */
export interface LibraryRunnerDeps {
  /**
   * The session that serves now, opened if need be.
   *
   * @throws why there is none: `LIBRARY_STOPPED`, `SCRIPT_*`, `LIMIT_ISOLATES`, `NO_LIBRARY`
   */
  serve(): Promise<ServingModule>;
  /** Of the library: all its registrations have it in common. */
  readonly gate: SuspectGate;
  readonly observer: ExecutionObserver;
}

/** Runs one registration's deliveries in its library's session. */
export class LibraryRunner implements EventRunner {
  readonly #deps: LibraryRunnerDeps;
  #session: Session | null = null;
  #underWay = 0;
  #onIdle: (() => void)[] = [];

  constructor(deps: LibraryRunnerDeps) {
    this.#deps = deps;
  }

  async deliver(delivery: Delivery, signal?: AbortSignal): Promise<void> {
    await this.enter(
      delivery.isSuspect ?? false,
      ({ session, registration }) => this.#run(session, registration, delivery, signal),
      signal,
    );
  }

  /** Does something in the session that serves, in its turn. @throws as `deliver` */
  async enter<T>(
    isSuspect: boolean,
    act: (serving: ServingModule) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    using _turn = await this.#deps.gate.enter(isSuspect);
    const serving = await this.#serve();
    signal?.throwIfAborted();
    this.#underWay++;
    try {
      return await act(serving);
    } catch (error) {
      throw serving.session.isRetired ? toHandedOver(error) : error;
    } finally {
      if (--this.#underWay === 0) { for (const resume of this.#onIdle.splice(0)) resume(); }
    }
  }

  /** The session to use, when nothing of this registration is under way in another one. */
  async #serve(): Promise<ServingModule> {
    while (true) {
      const serving = await this.#deps.serve();
      if (serving.session === this.#session || this.#underWay === 0) {
        this.#session = serving.session;
        return serving;
      }
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  async #run(
    session: Session,
    registration: number,
    delivery: Delivery,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { payload, batch, depths } = delivery;
    const { observer } = this.#deps;
    requireFitting(payload);
    const executions = Math.ceil(countOf(payload) / batch);
    let over = 0;
    observer.began(executions);
    const onDone = (message: EventsDoneMessage) => {
      over += message.done.length;
      if (message.skipped > 0) observer.unfit(message.skipped);
      if (message.done.length > message.skipped) observer.ended(summarize(delivery, message));
      delivery.onDone(message);
    };
    try {
      await session.functions.deliver({ registration, payload, batch, depths, onDone }, signal);
    } finally {
      if (over < executions) observer.aborted(executions - over);
    }
  }
}

/** @throws `LIMIT_MEMORY`: run in parts, it may pass */
function requireFitting(payload: EventPayload): void {
  if (payload.kind !== "stream" || payload.entries.byteLength <= MAX_DELIVERY_BYTES) return;
  throw new PinionError(
    "LIMIT_MEMORY",
    `The messages of the execution have ${payload.entries.byteLength} bytes; an isolate is given ` +
      `${MAX_DELIVERY_BYTES} at a time at most (eventBytes)`,
  );
}

function summarize(
  delivery: Delivery,
  { done, skipped, failures, totalDurationMs, lastDurationMs }: EventsDoneMessage,
): Parameters<ExecutionObserver["ended"]>[0] {
  const happenedAt = delivery.happenedAt?.(done.at(-1)!);
  const lagMs = happenedAt === undefined ? null : Math.max(0, Date.now() - happenedAt);
  return { executions: done.length - skipped, failures, totalDurationMs, lastDurationMs, lagMs };
}

/** An isolate that ended because another one took its place did not die of what it ran. */
function toHandedOver(error: unknown): unknown {
  if (!(error instanceof PinionError) || error.code !== "ISOLATE_DIED") return error;
  return new PinionError("EXECUTION_ABORTED", "The execution was stopped by an upgrade", {
    cause: error,
  });
}
