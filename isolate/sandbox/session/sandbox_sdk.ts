/**
 * Does what the functions of the SDK ask for; while a top level runs, what it reads from outside is
 * recorded or replayed.
 *
 * @module
 */

import type { CompiledPlan } from "../../../sdk/compile.ts";
import type { CompiledRegistration } from "../../../sdk/compile_registration.ts";
import { GearsError } from "../../../sdk/base/gears_error.ts";
import type {
  CommandArgument,
  LogLevel,
  Reply,
  RunResult,
  SdkHost,
  TransactionBody,
} from "../../../sdk/host.ts";
import { sendToRuntime } from "../base/border.ts";
import type { GuestErrors } from "../guest/guest.ts";
import { type BodyCall, nameCommand } from "../top_level/outside_source.ts";
import type { TopLevel } from "../top_level/top_level.ts";
import type { Registered } from "./registered.ts";
import { refuseBoth, type Runs } from "./runs.ts";
import { refuseAborted, refuseCommand, type SessionCommands } from "./sandbox_commands.ts";
import type { SessionSettings } from "./session_settings.ts";

/** Longest line that is logged, in characters. */
const MAX_LINE = 8_192;

/** The parts of a session that the SDK's functions use. */
export interface SdkDeps {
  readonly errors: GuestErrors;
  readonly settings: SessionSettings;
  readonly commands: SessionCommands;
  readonly topLevel: TopLevel;
  readonly registered: Registered;
  readonly runs: Runs;
}

/** Serves the SDK. One for each sandbox. */
export class SandboxSdk implements SdkHost {
  readonly #deps: SdkDeps;

  constructor(deps: SdkDeps) {
    this.#deps = deps;
  }

  execute(command: string, args: readonly CommandArgument[]): Promise<Reply> {
    const refusal = refuseCommand(command, args);
    if (refusal !== undefined) return Promise.reject(refusal);
    const { commands, topLevel: { source } } = this.#deps;
    if (source === null) return this.#keepPlace(commands.execute(command, args));
    const live = () => commands.execute(command, args);
    return this.#keepPlace(source.call(nameCommand(command, args), live));
  }

  atomic(keys: readonly string[], body: TransactionBody): Promise<Reply[]> {
    const refusal = refuseAborted();
    if (refusal !== undefined) return Promise.reject(refusal);
    const { commands, topLevel: { source } } = this.#deps;
    const live = (call: BodyCall) => commands.atomic(keys, call);
    return this.#keepPlace(source?.callWithBody("atomic", body, live) ?? live(body));
  }

  run(compiled: CompiledPlan): Promise<RunResult<unknown>> {
    return this.#deps.runs.ask(compiled);
  }

  register(compiled: CompiledRegistration): Promise<string> {
    const { topLevel, runs, registered } = this.#deps;
    if (!topLevel.isRunning) {
      throw new GearsError(
        "register() can be called at the top level of a module only, while it is loaded",
      );
    }
    if (runs.hasAny) throw refuseBoth();
    const live = () => registered.add(compiled);
    return topLevel.source?.repeat(`register ${compiled.plan.name}`, live) ?? live();
  }

  log(level: LogLevel, message: string): void {
    if (this.#deps.topLevel.isReplaying) return;
    sendToRuntime({ type: "log", level, message: message.slice(0, MAX_LINE) });
  }

  hashtag(): string {
    const { settings, topLevel: { source } } = this.#deps;
    return source?.read("hashtag", () => settings.hashtag) ?? settings.hashtag;
  }

  configGet(key: string): string | undefined {
    const { settings, topLevel: { source } } = this.#deps;
    const live = () => settings.config(key);
    return source === null ? live() : source.read(`configGet ${key}`, live);
  }

  env(): Readonly<Record<string, string>> {
    return this.#deps.settings.env;
  }

  /** Keeps the place of a call at the top level for the failure of its promise. */
  #keepPlace<T>(promise: Promise<T>): Promise<T> {
    const { topLevel, errors } = this.#deps;
    return topLevel.isRunning ? errors.keepPlace(promise) : promise;
  }
}
