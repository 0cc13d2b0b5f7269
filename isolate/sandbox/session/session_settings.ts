/**
 * Settings of a session, as the runtime gives them when it loads the session's module.
 *
 * @module
 */

import type { LoadMessage } from "../../../contract/isolate/messages/modules.ts";

/** Holds what the runtime said of the session whose code runs here. */
export class SessionSettings {
  #env: Readonly<Record<string, string>> = Object.freeze({});
  #config: Readonly<Record<string, string>> = {};
  #hashtag = "";
  #shardId = "1";
  #endsWithRun = true;

  /** Takes the settings of a load. */
  take({ kind, isKept, env, config, hashtag, shardId }: LoadMessage): void {
    this.#endsWithRun = kind === "script" && !isKept;
    this.#env = Object.freeze({ ...env });
    this.#config = config;
    this.#hashtag = hashtag;
    this.#shardId = shardId;
  }

  /** Takes the keys that RG.CONFIGSET has set. */
  setConfig(config: Readonly<Record<string, string>>): void {
    this.#config = config;
  }

  /** The value of a configuration key; undefined where nobody has set it. */
  config(key: string): string | undefined {
    return Object.hasOwn(this.#config, key) ? this.#config[key] : undefined;
  }

  /** Variables of the library, frozen. */
  get env(): Readonly<Record<string, string>> {
    return this.#env;
  }

  /** A text whose slot is the shard's own. */
  get hashtag(): string {
    return this.#hashtag;
  }

  /** The record of a ShardsIDReader. */
  get shardId(): string {
    return this.#shardId;
  }

  /** True for a script that is over when its run is. */
  get endsWithRun(): boolean {
    return this.#endsWithRun;
  }
}
