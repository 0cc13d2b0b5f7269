/**
 * The loading of a session's module: it succeeds or fails once.
 *
 * @module
 */

import type { StoredRegistration } from "../../contract/api/registration_info.ts";
import type { FromSandbox } from "../../contract/isolate/messages/messages.ts";
import type { ModuleExport } from "../../contract/isolate/messages/modules.ts";
import { PinionError } from "../../errors.ts";
import type { RunRequest } from "./session_calls.ts";
import type { SessionRegistrations } from "./session_registrations.ts";

/** A loaded module. */
export interface SessionModule {
  readonly exports: readonly ModuleExport[];
  /** In the order in which it made them. */
  readonly registrations: readonly StoredRegistration[];
  /** Reads of the top level of a script that registers, if they can be replayed. */
  readonly recording?: Uint8Array;
  /** Reason why it cannot be given again, as the end of a sentence. */
  readonly unreplayable?: string;
}

type LoadedMessage = Extract<FromSandbox, { type: "loaded" }>;

/** Waits for the module, or for the run of a script that another shard has received. */
export class ModuleLoad {
  readonly #registrations: SessionRegistrations;
  #loaded: PromiseWithResolvers<LoadedMessage> | null = null;
  #expectedRun: PromiseWithResolvers<RunRequest> | null = null;
  /**
   * Reason why a run at the module's top level was refused: nobody may be waiting for its promise.
   */
  #refusal: PinionError | null = null;

  constructor(registrations: SessionRegistrations) {
    this.#registrations = registrations;
  }

  /** True while the module's top level runs. */
  get isRunning(): boolean {
    return this.#loaded !== null;
  }

  /** True if the script was received by another shard, and its run is waited for. */
  get isForOtherShard(): boolean {
    return this.#expectedRun !== null;
  }

  /** Sends the module and waits for it. @throws `SCRIPT_*`, `BAD_IMPORT`, `LIMIT_*` */
  async begin(send: () => void): Promise<SessionModule> {
    this.#loaded = Promise.withResolvers();
    send();
    try {
      const { exports, recording, unreplayable } = await this.#loaded.promise;
      if (this.#refusal !== null) throw this.#refusal;
      const registrations = await this.#registrations.all();
      return { exports, registrations, recording, unreplayable };
    } catch (error) {
      throw this.#refusal ?? error;
    } finally {
      this.#loaded = null;
    }
  }

  /**
   * Waits for the run of a script while `load` loads it. @throws as `load`; `BAD_PLAN` without run
   */
  beginPart(load: () => Promise<SessionModule>): Promise<RunRequest> {
    const expected = this.#expectedRun = Promise.withResolvers<RunRequest>();
    load().then(() => expected.reject(refuseWithoutRun()), expected.reject);
    return expected.promise;
  }

  /** Takes the sandbox's word that the module is loaded. */
  loaded(message: LoadedMessage): void {
    this.#loaded?.resolve(message);
  }

  /** Takes the run that {@linkcode beginPart} waits for. */
  prepared(request: RunRequest): void {
    this.#expectedRun?.resolve(request);
  }

  /** Lets the loading fail once it ends: a run of the top level was refused. */
  refuse(refusal: PinionError): void {
    this.#refusal ??= refusal;
  }

  /** Ends the loading with an error of the module. */
  failed(error: PinionError): void {
    this.#loaded?.reject(error);
  }

  /** Ends all waiting: the isolate is gone. */
  end(reason: PinionError): void {
    this.#loaded?.reject(reason);
    this.#expectedRun?.reject(reason);
  }
}

function refuseWithoutRun(): PinionError {
  return new PinionError(
    "BAD_PLAN",
    "The script came to its end without the run() that it made on the shard it was sent to",
  );
}
