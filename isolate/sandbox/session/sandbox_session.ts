/**
 * The session whose code runs in this sandbox: its parts, and how its module is loaded.
 *
 * @module
 */

import type { LoadMessage, ModuleExport } from "../../../contract/isolate/messages/modules.ts";
import type { Guest, GuestModule } from "../guest/guest.ts";
import { TopLevel, type TopLevelRecording } from "../top_level/top_level.ts";
import { LoadedModule, type ModuleState } from "./loaded_module.ts";
import { Registered } from "./registered.ts";
import { Runs } from "./runs.ts";
import { SandboxSdk } from "./sandbox_sdk.ts";
import { SessionCommands } from "./sandbox_commands.ts";
import { SessionSettings } from "./session_settings.ts";

/** A module that was loaded, and what its top level read. */
export interface LoadResult extends TopLevelRecording {
  readonly module: ModuleState;
  readonly exports: readonly ModuleExport[];
}

/** Holds the parts of a session. One for each sandbox. */
export class SandboxSession {
  readonly settings = new SessionSettings();
  readonly commands = new SessionCommands();
  readonly registered: Registered;
  readonly runs: Runs;
  /** The host of the SDK's functions. */
  readonly sdk: SandboxSdk;
  readonly #guest: Guest;
  readonly #topLevel: TopLevel;

  constructor(guest: Guest) {
    const { settings, commands } = this;
    const { errors } = guest;
    this.#guest = guest;
    const topLevel = this.#topLevel = new TopLevel((source) => guest.watch(source));
    const registered = this.registered = new Registered(errors);
    const runs = this.runs = new Runs({
      ...{ guest, topLevel, registered, shardId: () => settings.shardId },
      settled: () => this.#settled(),
    });
    this.sdk = new SandboxSdk({ errors, settings, commands, topLevel, registered, runs });
  }

  /** Loads the session's module. Rejects with what the guest or the module threw. */
  async load(message: LoadMessage): Promise<LoadResult> {
    const { fileName, kind, source: text } = message;
    const isScript = kind === "script";
    this.settings.take(message);
    if (isScript) this.#topLevel.begin(message);
    else this.runs.refuseAll(LIBRARY_RUN);
    const module = await this.#topLevel.load(() => this.#guest.load({ fileName, kind, text }));
    // Commands that the top level gave without waiting for them count as part of it.
    if (isScript) await this.#settled();
    const isKept = isScript && this.registered.size > 0;
    const recording = isKept ? await this.#topLevel.keep() : {};
    this.runs.refuseAll(undefined);
    return { ...recording, exports: module.exports, module: this.#open(module, fileName) };
  }

  #open(module: GuestModule, fileName: string): LoadedModule {
    const { settings, commands, registered, runs } = this;
    return new LoadedModule(module, {
      ...{ guest: this.#guest, commands, runs },
      registrationAt: (index) => registered.at(index),
      markPrefix: (index) => `__pinion:{${settings.hashtag}}:once:${registered.idOf(index)}:`,
      execute: (command, args) => commands.links.execute(command, args),
    }, { library: fileName.replace(/\.\w+$/, ""), env: settings.env });
  }

  #settled(): Promise<void> {
    return this.commands.settled(this.settings.endsWithRun);
  }
}

const LIBRARY_RUN =
  "run() at the top level of a library would run at every start: export the builder and invoke it";
