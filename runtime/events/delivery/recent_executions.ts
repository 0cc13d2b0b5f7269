/**
 * The executions of one registration that stay in the list when they are over.
 *
 * Source: reference 4.3, MaxExecutionsPerRegistration.
 *
 * @module
 */

import type { ConfigStore } from "../../base/config_store.ts";
import type { Execution } from "../../execution/execution.ts";
import type { ExecutionStore } from "../../execution/execution_store.ts";

/** See the module. */
export class KeptExecutions {
  readonly #executions: ExecutionStore;
  readonly #config: ConfigStore;
  #kept: Execution[] = [];

  constructor(executions: ExecutionStore, config: ConfigStore) {
    this.#executions = executions;
    this.#config = config;
  }

  /** Keeps one more, and lets the oldest go that are over. */
  add(execution: Execution): void {
    this.#kept.push(execution);
    const max = this.#config.number("MaxExecutionsPerRegistration");
    if (max <= 0) return;
    while (this.#kept.length > max && this.#kept[0].isOver) {
      this.#executions.forget(this.#kept.shift()!.id);
    }
  }

  /** The registration is gone. */
  clear(): void {
    for (const { id } of this.#kept.splice(0)) this.#executions.forget(id);
  }
}
