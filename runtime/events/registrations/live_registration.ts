/**
 * One registration on this shard: whether its source takes events, and what is shown of it.
 *
 * ```text
 *             acting, not paused                      standby, PAUSED
 *   idle ────────────────────────► running ─────────────────────────────► idle
 *                start()              │      stop(); drain() if DRAINING
 *                                     └── unregistered: drain() or stop(), then forget() ► ended
 * ```
 *
 * Changes of what is wanted are carried out one after the other; only the last one counts. A start
 * that fails is tried again.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { EventPayload } from "../../../contract/isolate/messages/events.ts";
import type { ListenPattern } from "../../../contract/isolate/messages/chain.ts";
import type { LogBook } from "../../base/log_book.ts";
import { countOf } from "../../session/session_deliveries.ts";
import type { RecentExecutions } from "../delivery/recent_executions.ts";
import type { ServingLibrary, ServingModule } from "../source/serving.ts";
import type {
  RegistrationInfo,
  StoredRegistration,
} from "../../../contract/api/registration_info.ts";
import type { EndOptions } from "../source/registration_port.ts";
import { describeRegistration } from "./describe_registration.ts";
import { describeSource, openSource } from "./open_source.ts";
import { RegisteredHook } from "./registered_hook.ts";
import type { PauseState, RegistrationStore } from "./registration_store.ts";
import { SourceControl, type Wanted } from "./source_control.ts";
import { ServingLookup } from "../delivery/serving_lookup.ts";
import type { SourceTable } from "../source/source_kind.ts";
import { RegistrationStatistics } from "../source/statistics.ts";
import type { SuspectGate } from "../delivery/suspect_gate.ts";

/** First and longest pause before another start, in milliseconds. */
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 30_000;

/** Services that every registration of a runtime uses. */
export interface LiveRegistrationDeps {
  readonly sources: SourceTable;
  /** The gate that all registrations of a library have in common. */
  readonly gateOf: (library: string) => SuspectGate;
  readonly store: RegistrationStore;
  readonly logs: LogBook;
  /** True if other shards take part in executions now. */
  readonly isClustered: () => boolean;
  /** Makes the memory of one registration's executions. */
  readonly keepExecutions: () => RecentExecutions;
  /** Told which keys registrations wait for. */
  onListens(patterns: readonly ListenPattern[]): void;
}

/** Starts, stops and describes one registration's source. */
export class LiveRegistration {
  readonly statistics = new RegistrationStatistics();
  readonly #deps: LiveRegistrationDeps;
  readonly #serving: ServingLookup;
  readonly #kept: RecentExecutions;
  readonly #hook: RegisteredHook;
  readonly #control: SourceControl;
  #library: ServingLibrary;
  #stored: StoredRegistration;
  /** Mark that tells the version that serves from others. */
  #mark: string;
  #isActing = false;
  #pause: PauseState | null = null;
  #isEnding = false;
  /** Reason why it could not be started. */
  #problem: string | null = null;
  /** Reason why its library could not take its last events. */
  #unserved: string | null = null;
  #retryMs = FIRST_RETRY_MS;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(
    library: ServingLibrary,
    stored: StoredRegistration,
    mark: string,
    deps: LiveRegistrationDeps,
  ) {
    this.#library = library;
    this.#stored = stored;
    this.#mark = mark;
    this.#deps = deps;
    this.#serving = new ServingLookup(stored.id, library);
    this.#kept = deps.keepExecutions();
    this.#hook = new RegisteredHook(this.#serving, deps);
    this.#control = new SourceControl(stored.id, () => this.#open(), deps.logs);
  }

  get id(): string {
    return this.#stored.id;
  }

  /** The library that it belongs to now. */
  get library(): ServingLibrary {
    return this.#library;
  }

  get stored(): StoredRegistration {
    return this.#stored;
  }

  get info(): RegistrationInfo {
    return describeRegistration({
      ...{ library: this.library.name, stored: this.#stored, control: this.#control },
      ...{ statistics: this.statistics, isActing: this.#isActing, pause: this.#pause },
      problem: this.#problem ?? this.#unserved,
    });
  }

  /**
   * A version serves from now on. The source stays where the version waits for the same; else one
   * with the same id, and so the same cursor, takes its place.
   */
  serve(library: ServingLibrary, stored: StoredRegistration, mark: string): void {
    const before = describeSource(this.#library, this.#stored);
    this.#library = this.#serving.library = library;
    this.#stored = stored;
    this.#mark = mark;
    if (before === describeSource(library, stored)) return;
    this.#turn = this.#turn.then(() => this.#control.replace());
  }

  /** Takes events while this runtime acts and nobody has paused it; resolves when that is so. */
  set(wanted: { readonly isActing: boolean; readonly pause: PauseState | null }): Promise<void> {
    this.#isActing = wanted.isActing;
    this.#pause = wanted.pause;
    this.#retryMs = FIRST_RETRY_MS;
    return this.#settle();
  }

  /** Begins anew where it stopped by itself. */
  restart(): void {
    this.#turn = this.#turn.then(() => this.#control.stopBlocked());
  }

  /** Ends the registration. Resolves when nothing of it runs and nothing of it is left. */
  async end({ abortPending }: EndOptions): Promise<void> {
    const control = this.#control;
    const isFirst = !this.#isEnding;
    this.#isEnding = true;
    clearTimeout(this.#retry);
    const { source } = control;
    if (abortPending) await control.quietly("stop", () => source.stop());
    if (!isFirst) return await this.#turn;
    this.#turn = this.#turn.then(async () => {
      await control.quietly("drain", () => control.source.drain());
      await control.quietly("clean up after", () => control.source.forget());
      this.#kept.clear();
      await control.quietly("forget", () => this.#deps.store.forget(this.id));
      await control.quietly("close", () => control.source[Symbol.asyncDispose]());
    });
    await this.#turn;
  }

  /** Stops with the runtime: state in Redis stays. */
  async close(): Promise<void> {
    const control = this.#control;
    this.#isActing = false;
    this.#isEnding = true;
    clearTimeout(this.#retry);
    const stopped = control.quietly("stop", () => control.source.stop());
    await this.#turn;
    await stopped;
    await control.quietly("close", () => control.source[Symbol.asyncDispose]());
  }

  #settle(): Promise<void> {
    clearTimeout(this.#retry);
    return this.#turn = this.#turn.then(async () => {
      if (this.#isEnding) return;
      try {
        if (this.#isActing) await this.#hook.call(this.library.name, this.#stored, this.#mark);
        await this.#control.reach(this.#wanted());
        this.#problem = null;
      } catch (error) {
        this.#startFailed(error);
      }
    });
  }

  #wanted(): Wanted {
    if (this.#pause === "DRAINING") return "drain";
    return this.#isActing && this.#pause === null ? "run" : "stop";
  }

  #startFailed(error: unknown): void {
    const { logs } = this.#deps;
    const { name } = this.#library;
    const { code, message } = PinionError.from(error);
    // It may have begun in part.
    this.#control.stop();
    if (this.#problem === null) {
      const what = `Registration ${this.id} of ${name} takes no events yet`;
      if (code === "INTERNAL") logs.addFailure(what, error);
      else logs.add(name, "warning", `${what}: ${message}`);
    }
    this.#problem = message;
    if (this.#isEnding) return;
    // Several changes that wait may fail one after the other.
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#settle(), this.#retryMs);
    this.#retryMs = Math.min(MAX_RETRY_MS, 2 * this.#retryMs);
  }

  /**
   * Runs an event again by itself, beside what the source takes; why it failed, if it did.
   *
   * @throws as `EventRunner.deliver`
   */
  async runAgain(payload: EventPayload, signal?: AbortSignal): Promise<string | null> {
    let error: string | null = "It was not run";
    await this.#control.runner.deliver({
      ...{ payload, batch: countOf(payload), isSuspect: true },
      onDone: ({ failures }) => void (error = failures[0]?.errors[0] ?? null),
    }, signal);
    return error;
  }

  /** Has the source take its events again from one on. @throws `UNSUPPORTED` */
  async replay(fromId: string): Promise<void> {
    if (this.#control.source.replay === undefined) throw refuseReplay(this.id);
    const replayed = this.#turn.then(() => this.#control.source.replay?.(fromId));
    this.#turn = replayed.catch(() => {});
    await replayed;
  }

  #open() {
    const { gateOf, isClustered, sources } = this.#deps;
    return openSource(this.#library, this.#stored, {
      ...{ sources, isClustered, kept: this.#kept, statistics: this.statistics },
      gate: gateOf(this.#library.name),
      serve: () => this.#serving.get(),
      serveEvents: () => this.#serveEvents(),
    });
  }

  /** The session for events; why there is none is shown. */
  async #serveEvents(): Promise<ServingModule> {
    try {
      const module = await this.#serving.get();
      this.#unserved = null;
      return module;
    } catch (error) {
      this.#unserved = PinionError.from(error).message;
      this.statistics.failed(this.#unserved);
      throw error;
    }
  }
}

function refuseReplay(id: string): PinionError {
  return new PinionError(
    "UNSUPPORTED",
    `Cannot replay registration ${id}: only streams keep what has happened`,
  );
}
