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
import { isDistributed, isGathering } from "../../../contract/plan/event_plan.ts";
import { canonicalText } from "../../../contract/plan/fingerprint.ts";
import type { ListenPattern } from "../../../contract/isolate/chain.ts";
import type { EventPayload } from "../../../contract/isolate/events.ts";
import type { LogBook } from "../../base/log_book.ts";
import { countOf } from "../../session/session_deliveries.ts";
import { ClusterRunner } from "../delivery/cluster_runner.ts";
import type { EventRunner, EventSource } from "../source/event_source.ts";
import type { KeptExecutions } from "../delivery/recent_executions.ts";
import { LibraryRunner, type ServingModule } from "../delivery/library_runner.ts";
import type { RegistrationInfo, RegistrationStatus, StoredRegistration } from "../../../contract/api/registration_info.ts";
import type { EndOptions, ServingLibrary } from "../source/registration_port.ts";
import type { PauseState, RegistrationStore } from "./registration_store.ts";
import { ServingPlace } from "../delivery/serving_place.ts";
import type { SourceTable } from "../source/source_kind.ts";
import { RegistrationStatistics } from "../source/statistics.ts";
import type { SuspectGate } from "../delivery/suspect_gate.ts";

/** First and longest pause before another start, in milliseconds. */
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 30_000;

/** What every registration of a runtime has in common. */
export interface LivePlace {
  readonly sources: SourceTable;
  /** The gate that all registrations of a library have in common. */
  readonly gateOf: (library: string) => SuspectGate;
  readonly store: RegistrationStore;
  readonly logs: LogBook;
  /** Whether other shards take part in executions now. */
  readonly isClustered: () => boolean;
  /** What remembers the executions of one registration. */
  readonly keepExecutions: () => KeptExecutions;
  /** Told which keys registrations wait for. */
  onListens(patterns: readonly ListenPattern[]): void;
}

/** What the source should do. */
type Wanted = "run" | "stop" | "drain";

/** See the module. */
export class LiveRegistration {
  readonly statistics = new RegistrationStatistics();
  readonly #place: LivePlace;
  readonly #serving: ServingPlace;
  readonly #kept: KeptExecutions;
  #library: ServingLibrary;
  #stored: StoredRegistration;
  /** What tells the version that serves from others. */
  #mark: string;
  #source: EventSource;
  #runner!: EventRunner;
  #isActing = false;
  #pause: PauseState | null = null;
  #isEnding = false;
  #actual: Wanted = "stop";
  /** Resolves when nothing of it is under way, where it was last asked to stop or to drain. */
  #stopping: Promise<void> = Promise.resolve();
  /** It takes nothing new, and something is under way still. */
  #isDraining = false;
  /** The version whose `onRegistered` was called, and the one that Redis knows of. */
  #called: string | null = null;
  #marked: string | null = null;
  /** Why it could not be started. */
  #problem: string | null = null;
  /** Why its library could not take its last events. */
  #unserved: string | null = null;
  #retryMs = FIRST_RETRY_MS;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(
    library: ServingLibrary,
    stored: StoredRegistration,
    mark: string,
    place: LivePlace,
  ) {
    this.#library = library;
    this.#stored = stored;
    this.#mark = mark;
    this.#place = place;
    this.#serving = new ServingPlace(stored.id, library);
    this.#kept = place.keepExecutions();
    this.#source = this.#open();
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

  get pause(): PauseState | null {
    return this.#pause;
  }

  get info(): RegistrationInfo {
    const { id, plan } = this.#stored;
    const { hindrance, backlog, description: source } = this.#source;
    const problem = this.#problem ?? this.#unserved;
    const reason = this.#isActing
      ? hindrance?.reason ?? problem ?? undefined
      : "this runtime does not act for its shard now";
    const unpaused = hindrance?.status ??
      (problem === null ? "OK" : "WAITING_FOR_RETRY_ON_FAILURE");
    return {
      id,
      library: this.library.name,
      name: plan.name,
      ...(plan.description !== undefined && { description: plan.description }),
      mode: plan.mode,
      trigger: plan.trigger,
      failure: plan.failure,
      status: this.#status(unpaused),
      ...(reason !== undefined && { reason }),
      backlog,
      source,
      ...this.statistics.figures,
    };
  }

  /**
   * A version serves from now on. The source stays where the version waits for the same; else one
   * with the same id, and so the same cursor, takes its place.
   */
  serve(library: ServingLibrary, stored: StoredRegistration, mark: string): void {
    const before = firing(this.#library, this.#stored);
    this.#library = this.#serving.library = library;
    this.#stored = stored;
    this.#mark = mark;
    if (before === firing(library, stored)) return;
    this.#turn = this.#turn.then(async () => {
      const old = this.#source;
      await this.#quietly("stop", () => old.stop());
      await this.#stopping;
      await this.#quietly("close", () => old[Symbol.asyncDispose]());
      this.#actual = "stop";
      await this.#quietly("open", () => {
        this.#source = this.#open();
      });
    });
  }

  /** Takes events while this runtime acts and nobody has paused it; resolves when that is so. */
  set(wanted: { readonly isActing: boolean; readonly pause: PauseState | null }): Promise<void> {
    this.#isActing = wanted.isActing;
    this.#pause = wanted.pause;
    this.#retryMs = FIRST_RETRY_MS;
    return this.#settle();
  }

  /** Where it stopped by itself, it is to begin anew. */
  restart(): void {
    this.#turn = this.#turn.then(() => {
      if (this.#source.hindrance === null || this.#actual !== "run") return;
      this.#actual = "stop";
      this.#stopping = this.#quietly("stop", () => this.#source.stop());
    });
  }

  /** It is unregistered. Resolves when nothing of it runs and nothing of it is left. */
  async end({ abortPending }: EndOptions): Promise<void> {
    const isFirst = !this.#isEnding;
    this.#isEnding = true;
    clearTimeout(this.#retry);
    const source = this.#source;
    if (abortPending) await this.#quietly("stop", () => source.stop());
    if (!isFirst) return await this.#turn;
    this.#turn = this.#turn.then(async () => {
      await this.#quietly("drain", () => this.#source.drain());
      await this.#quietly("clean up after", () => this.#source.forget());
      this.#kept.clear();
      await this.#quietly("forget", () => this.#place.store.forget(this.id));
      await this.#quietly("close", () => this.#source[Symbol.asyncDispose]());
    });
    await this.#turn;
  }

  /** The runtime stops: what is kept stays. */
  async close(): Promise<void> {
    this.#isActing = false;
    this.#isEnding = true;
    clearTimeout(this.#retry);
    const stopped = this.#quietly("stop", () => this.#source.stop());
    await this.#turn;
    await stopped;
    await this.#quietly("close", () => this.#source[Symbol.asyncDispose]());
  }

  #status(unpaused: RegistrationStatus): RegistrationStatus {
    if (this.#pause === null) return unpaused;
    return this.#pause === "DRAINING" && this.#isDraining ? "DRAINING" : "PAUSED";
  }

  #settle(): Promise<void> {
    clearTimeout(this.#retry);
    return this.#turn = this.#turn.then(async () => {
      if (this.#isEnding) return;
      try {
        await this.#carryOut(this.#wanted());
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

  async #carryOut(wanted: Wanted): Promise<void> {
    if (this.#isActing) await this.#callOnRegistered();
    if (wanted === this.#actual) return;
    this.#actual = wanted;
    if (wanted === "run") {
      await this.#stopping;
      await this.#source.start();
    } else if (wanted === "drain") {
      this.#isDraining = true;
      this.#stopping = this.#quietly("drain", () => this.#source.drain())
        .then(() => void (this.#isDraining = false));
    } else this.#stopping = this.#quietly("stop", () => this.#source.stop());
  }

  #startFailed(error: unknown): void {
    const { logs } = this.#place;
    const { name } = this.#library;
    const { code, message } = PinionError.from(error);
    // It may have begun in part.
    this.#actual = "stop";
    this.#stopping = this.#quietly("stop", () => this.#source.stop());
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
   * Calls `onRegistered` once for each version on each shard. It has been called when its isolate
   * died of it, too; only where the runtime dies meanwhile, it is called again.
   */
  async #callOnRegistered(): Promise<void> {
    const { id, plan } = this.#stored;
    const mark = this.#mark;
    if (plan.onRegistered === undefined) return;
    const { store, logs } = this.#place;
    if (this.#marked === mark) return;
    if (await store.registeredVersion(id) !== mark) {
      if (this.#called !== mark) {
        const { session, registration } = await this.#serving.get();
        await session.callOnRegistered(registration).catch((error) => {
          const { message } = PinionError.from(error);
          logs.add(this.library.name, "warning", `onRegistered of ${plan.name} failed: ${message}`);
        });
        this.#called = mark;
      }
      await store.setRegisteredVersion(id, mark);
    }
    this.#marked = mark;
  }

  /**
   * Runs an event again by itself, beside what the source takes; why it failed, if it did.
   *
   * @throws as `EventRunner.deliver`
   */
  async runAgain(payload: EventPayload, signal?: AbortSignal): Promise<string | null> {
    let error: string | null = "It was not run";
    await this.#runner.deliver({
      ...{ payload, batch: countOf(payload), isSuspect: true },
      onDone: ({ failures }) => void (error = failures[0]?.errors[0] ?? null),
    }, signal);
    return error;
  }

  /** Has the source take its events again from one on. @throws `UNSUPPORTED` */
  async replay(fromId: string): Promise<void> {
    if (this.#source.replay === undefined) {
      throw new PinionError(
        "UNSUPPORTED",
        `Cannot replay registration ${this.id}: only streams keep what has happened`,
      );
    }
    const replayed = this.#turn.then(() => this.#source.replay?.(fromId));
    this.#turn = replayed.catch(() => {});
    await replayed;
  }

  #open(): EventSource {
    const registration = this.#stored;
    const { name: library } = this.library;
    const { statistics } = this;
    const serve = () => this.#serving.get();
    const local = new LibraryRunner({
      serve: () => this.#serveEvents(),
      gate: this.#place.gateOf(library),
      observer: statistics,
    });
    const { plan } = registration;
    const { isClustered } = this.#place;
    const runner = isDistributed(plan)
      ? new ClusterRunner({ plan, local, isClustered, observer: statistics, kept: this.#kept })
      : local;
    this.#runner = runner;
    const kind = this.#place.sources[registration.plan.trigger.reader];
    const { redisUser } = this.library;
    return kind.open({ library, redisUser, registration, runner, serve, statistics });
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

  /** Does what must not keep others from being done. */
  async #quietly(what: string, act: () => void | PromiseLike<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#place.logs.addFailure(`Cannot ${what} the source of registration ${this.id}`, error);
    }
  }
}

/** All of a plan that its source and its runner depend on. */
function firing(
  { name: library, redisUser }: ServingLibrary,
  { plan }: StoredRegistration,
): string {
  const { trigger, failure, flow, mode, name, convertToStr, steps } = plan;
  const way = [isDistributed(plan), isGathering(steps), convertToStr];
  return canonicalText({
    library,
    user: redisUser?.username ?? null,
    name,
    trigger,
    failure,
    flow,
    mode,
    way,
  });
}
