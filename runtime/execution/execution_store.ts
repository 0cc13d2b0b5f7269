/**
 * The executions of this shard: running ones, and finished ones until they are dropped or pushed
 * out.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import { fingerprintPlan } from "../../contract/plan/fingerprint.ts";
import type { Plan } from "../../contract/plan/plan.ts";
import type { ConfigStore } from "../base/config_store.ts";
import type { ExecutionSummary } from "../engine/engine.ts";
import { Execution } from "./execution.ts";

/** See the module. */
export class ExecutionStore {
  readonly #shardId: () => string;
  readonly #config: ConfigStore;
  readonly #executions = new Map<string, Execution>();
  #nextNumber = 0;
  /** Called with the id of each execution that is forgotten. */
  onForget: (id: string) => void = () => {};
  /** How many were created since the start. */
  created = 0;
  /** How many were aborted since the start. */
  aborted = 0;

  /** @param shardId This shard's id now: a failover changes it. */
  constructor(shardId: () => string, config: ConfigStore) {
    this.#shardId = shardId;
    this.#config = config;
  }

  /** How many are not over yet. */
  get running(): number {
    let count = 0;
    for (const execution of this.#executions.values()) if (!execution.isOver) count++;
    return count;
  }

  /** A new execution with the next id: shard id, `-`, number. */
  create(plan: Plan, session: string): Execution {
    return this.adopt(`${this.#shardId()}-${this.#nextNumber++}`, plan, session);
  }

  /** A new execution under the id that another shard gave it. */
  adopt(id: string, plan: Plan, session: string): Execution {
    const fingerprint = fingerprintPlan(plan);
    const owner = { session, shardId: this.#shardId() };
    const execution = new Execution(id, plan, fingerprint, owner);
    this.#makeRoom();
    this.#executions.set(id, execution);
    this.created++;
    execution.over.then(() => {
      if (execution.status === "aborted") this.aborted++;
    });
    return execution;
  }

  /** All of them, oldest first. */
  list(): ExecutionSummary[] {
    return Array.from(this.#executions.values(), ({ id, status, isRegistered }) => ({
      executionId: id,
      status,
      registered: isRegistered,
    }));
  }

  /** @throws `NO_EXECUTION` with the text that the command at hand has for it */
  get(id: string, message = "execution plan does not exist"): Execution {
    const execution = this.#executions.get(id);
    if (execution === undefined) throw new PinionError("NO_EXECUTION", message);
    return execution;
  }

  /** The one with this id, if it is known here. */
  find(id: string): Execution | undefined {
    return this.#executions.get(id);
  }

  /** Forgets one that is over. @throws `NO_EXECUTION`, `EXECUTION_RUNNING` */
  drop(id: string): void {
    if (!this.get(id).isOver) {
      throw new PinionError(
        "EXECUTION_RUNNING",
        "can not drop a not yet finished execution, abort it first.",
      );
    }
    this.forget(id);
  }

  /** Forgets one whether it is over or not: nobody will ask for it again. */
  forget(id: string): void {
    if (this.#executions.delete(id)) this.onForget(id);
  }

  /**
   * Pushes out the oldest where there are `MaxExecutions`.
   *
   * Source: reference 4.3. Differs: only those that are over; RedisGears may push out a running one
   * and lose its results.
   */
  #makeRoom(): void {
    const max = this.#config.number("MaxExecutions");
    if (max <= 0) return;
    for (const [id, execution] of this.#executions) {
      if (this.#executions.size < max) return;
      if (execution.isOver) this.forget(id);
    }
  }
}
