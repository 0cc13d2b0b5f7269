/**
 * All registrations of this shard.
 *
 * Libraries say which there are, the coordinator whether this runtime acts for its shard, and what
 * is kept in Redis which of them are paused.
 *
 * @module
 */

import { PROGRAM } from "../../../contract/text/program_name.ts";
import type { Mesh } from "../../../coordinator/mesh/mesh.ts";
import { PinionError } from "../../../errors.ts";
import type { QueueName } from "../../../contract/api/dead_letter_info.ts";
import { coverPatterns, parsePrefix } from "../source/covering_patterns.ts";
import { LiveRegistration, type LiveRegistrationDeps } from "./live_registration.ts";
import type {
  RegistrationInfo,
  StoredRegistration,
} from "../../../contract/api/registration_info.ts";
import type {
  CheckContext,
  EndOptions,
  RegistrationPort,
  ServedVersion,
} from "../source/registration_port.ts";
import type { ServingLibrary } from "../source/serving.ts";
import type { PlanContext, SourceTable } from "../source/source_kind.ts";
import type { ListenPattern } from "../../../contract/isolate/messages/chain.ts";
import { RegistrationPeers } from "./registration_peers.ts";
import type { PauseState } from "./registration_store.ts";
import { SuspectGate } from "../delivery/suspect_gate.ts";

/** Keeps this shard's registrations and applies what libraries and operators ask for. */
export class Registrations implements RegistrationPort, AsyncDisposable {
  readonly #deps: LiveRegistrationDeps;
  readonly #live = new Map<string, LiveRegistration>();
  /** Those that are unregistered and still have something under way. */
  readonly #ending = new Set<LiveRegistration>();
  readonly #gates = new Map<string, SuspectGate>();
  #states: ReadonlyMap<string, PauseState> = new Map();
  #isActing = false;
  /** Patterns that sessions were told last, as JSON. */
  #listens = "[]";
  #isClosed = false;
  /** The runtimes that have the same registrations; null where this shard stands alone. */
  #peers: RegistrationPeers | null = null;

  constructor(deps: Omit<LiveRegistrationDeps, "gateOf">) {
    this.#deps = { ...deps, gateOf: (library) => this.#gateOf(library) };
  }

  /** From now on pauses, and what clears figures, are of all shards. */
  join(mesh: Mesh): RegistrationPeers {
    return this.#peers = new RegistrationPeers(mesh, {
      readStates: (resumed) => this.#readStates(resumed),
      clearStatistics: () => this.#clearStatistics(),
      replay: (id, fromId) => this.get(id).replay(fromId),
    }, (error) => this.#deps.logs.addFailure("Cannot read which registrations pause", error));
  }

  /** All of them, in the order of libraries and of their modules. */
  list(): RegistrationInfo[] {
    return Array.from(this.#live.values(), ({ info }) => info);
  }

  /** @throws `NO_REGISTRATION` */
  get(id: string): LiveRegistration {
    const registration = this.#live.get(id);
    if (registration !== undefined) return registration;
    throw toUnknown(`There is no registration ${id}`);
  }

  /**
   * Has some take nothing new, on all shards and for good: until they are resumed.
   *
   * @throws `NO_REGISTRATION` where there is one not; nothing is changed then
   */
  async pause(ids: readonly string[], state: PauseState): Promise<void> {
    for (const id of ids) this.get(id);
    await this.#deps.store.setStates(ids, state);
    await this.#readStates([]);
    await this.#peers?.readStates([]);
  }

  /** Has some go on, also where they had stopped by themselves. @throws as `pause` */
  async resume(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.get(id);
    await this.#deps.store.setStates(ids, null);
    await this.#readStates(ids);
    await this.#peers?.readStates(ids);
  }

  /**
   * Has one take its events again from the one with this id on, on all shards.
   *
   * @throws `NO_REGISTRATION`, `UNSUPPORTED`
   */
  async replay(id: string, fromId: string): Promise<void> {
    await this.get(id).replay(fromId);
    await this.#peers?.replay(id, fromId);
  }

  /** The registration of this name. @throws `NO_REGISTRATION` */
  find({ library, registration }: QueueName): LiveRegistration {
    const found = this.#of(library).find(({ stored }) => stored.plan.name === registration);
    if (found !== undefined) return found;
    throw toUnknown(`Library ${library} has no registration ${registration}`);
  }

  /** Clears the figures of all registrations, on all shards that are linked. */
  async clearStatistics(): Promise<void> {
    this.#clearStatistics();
    await this.#peers?.clearStatistics();
  }

  newId(): Promise<string> {
    return this.#deps.store.nextId();
  }

  async check(
    registrations: readonly StoredRegistration[],
    { replaced, redisUser }: CheckContext,
  ): Promise<void> {
    const others = [...this.#live.values()]
      .filter(({ library }) => !replaced.includes(library.name))
      .map(({ stored }) => stored.plan);
    await checkPlans(registrations, { others, redisUser }, this.#deps.sources);
  }

  async serve(
    library: ServingLibrary,
    { mark, registrations }: ServedVersion,
    options: EndOptions,
  ): Promise<void> {
    if (this.#isClosed) return;
    const kept = registrations.filter(({ isGone }) => !isGone);
    const ids = new Set(kept.map(({ id }) => id));
    for (const live of this.#of(library.name)) {
      if (!ids.has(live.id)) void this.#end(live, options);
    }
    const serving = kept.map((stored) => this.#serve(library, stored, mark));
    this.#tellListens();
    await Promise.all(serving.map((live) => live && this.#set(live)));
  }

  async remove(library: string, options: EndOptions): Promise<void> {
    this.#gates.delete(library);
    await Promise.all(this.#of(library).map((live) => this.#end(live, options)));
  }

  idsOf(library: string): readonly string[] {
    return this.#of(library).map(({ id }) => id);
  }

  /** Tells whether this runtime acts for its shard; only then events are taken. */
  async setActing(isActing: boolean): Promise<void> {
    this.#isActing = isActing;
    if (isActing) await this.#readStates([]);
    else await this.#setAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#isActing = false;
    const all = [...this.#live.values(), ...this.#ending];
    this.#live.clear();
    await Promise.all(all.map((live) => live.close()));
  }

  /** Does what is kept in Redis. Resolves when events are taken where they should be. */
  async #readStates(resumed: readonly string[]): Promise<void> {
    this.#states = await this.#deps.store.states();
    for (const id of resumed) this.#live.get(id)?.restart();
    await this.#setAll();
  }

  #clearStatistics(): void {
    for (const { statistics } of this.#live.values()) statistics.clear();
  }

  /** Says which keys are waited for, where that changed. */
  #tellListens(): void {
    const patterns = listenPatterns(this.#live.values());
    const text = JSON.stringify(patterns);
    if (text === this.#listens) return;
    this.#listens = text;
    this.#deps.onListens(patterns);
  }

  #gateOf(library: string): SuspectGate {
    const gate = this.#gates.get(library) ?? new SuspectGate();
    this.#gates.set(library, gate);
    return gate;
  }

  /** Opens registrations. One that cannot be opened leaves the others alone. */
  #serve(
    library: ServingLibrary,
    stored: StoredRegistration,
    mark: string,
  ): LiveRegistration | null {
    const before = this.#live.get(stored.id);
    try {
      if (before === undefined) {
        this.#live.set(stored.id, new LiveRegistration(library, stored, mark, this.#deps));
      } else before.serve(library, stored, mark);
    } catch (error) {
      const what = `Cannot open registration ${stored.id} of ${library.name}`;
      this.#deps.logs.addFailure(what, error);
    }
    return this.#live.get(stored.id) ?? null;
  }

  #of(library: string): LiveRegistration[] {
    return [...this.#live.values()].filter((live) => live.library.name === library);
  }

  async #setAll(): Promise<void> {
    await Promise.all(Array.from(this.#live.values(), (live) => this.#set(live)));
  }

  #set(live: LiveRegistration): Promise<void> {
    const pause = this.#states.get(live.id) ?? null;
    return live.set({ isActing: this.#isActing, pause });
  }

  async #end(live: LiveRegistration, options: EndOptions): Promise<void> {
    this.#live.delete(live.id);
    this.#ending.add(live);
    await live.end(options).finally(() => this.#ending.delete(live));
  }
}

/** Finds the keys that registrations wait for. */
function listenPatterns(live: Iterable<LiveRegistration>): ListenPattern[] {
  const wanted = Array.from(live, ({ stored }) => stored.plan.trigger)
    .flatMap((trigger) => "prefix" in trigger ? [parsePrefix(trigger.prefix)] : []);
  return coverPatterns(wanted);
}

/**
 * Checks each plan beside those of other modules and those before it. @throws as `SourceKind.check`
 */
async function checkPlans(
  registrations: readonly StoredRegistration[],
  context: Omit<PlanContext, "siblings">,
  sources: SourceTable,
): Promise<void> {
  const plans = registrations.filter(({ isGone }) => !isGone).map(({ plan }) => plan);
  for (const [position, plan] of plans.entries()) {
    const siblings = plans.slice(0, position);
    await sources[plan.trigger.reader].check(plan, { ...context, siblings });
  }
}

function toUnknown(what: string): PinionError {
  return new PinionError(
    "NO_REGISTRATION",
    `${what}; \`${PROGRAM} registrations\` lists them`,
  );
}
