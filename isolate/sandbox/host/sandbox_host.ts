/**
 * What the SDK's functions do in the sandbox.
 *
 * @module
 */

import { type ErrorData, PinionError } from "../../../errors.ts";
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
import type { StartMessage } from "../../../contract/isolate/executions.ts";
import type { FromSandbox } from "../../../contract/isolate/messages.ts";
import { authorPlace, placeAt, toErrorData } from "../guest/typescript/author_error.ts";
import { sendToRuntime } from "../base/border.ts";
import { Registered } from "./registered.ts";
import { SandboxExecution } from "./sandbox_execution.ts";
import type { HappenedEvents } from "../events/event_runs.ts";
import { currentExecution, inExecution } from "../base/execution_scope.ts";
import { whyForbidden } from "../links/forbidden_commands.ts";
import { ShardLinks } from "../links/shard_links.ts";
import { type BodyCall, nameCommand } from "../guest/typescript/top_level/outside_source.ts";
import { TopLevel } from "../guest/typescript/top_level/top_level.ts";
import { Transactions } from "../links/transactions.ts";

/** As it was before user code. */
const { setImmediate } = globalThis as unknown as {
  readonly setImmediate: (callback: () => void) => void;
};
/** Longest line that is logged, in characters. */
const MAX_LINE = 8_192;

interface Requested {
  readonly compiled: CompiledPlan;
  readonly happened: HappenedEvents | undefined;
  /** How many registrations' writes led to it; undefined where no event did. */
  readonly depth: number | undefined;
  resolve(result: RunResult<unknown>): void;
  reject(error: Error): void;
}

/** See {@linkcode SdkHost}. One for each sandbox. */
export class SandboxHost implements SdkHost {
  readonly links = new ShardLinks();
  /** What the module's top level reads from outside. */
  readonly topLevel = new TopLevel();
  /** What `execute` gave last, where it went to the shard's own Redis. */
  lastCommand: Promise<Reply> | null = null;
  /** What the module has registered. */
  readonly registered = new Registered();
  /** Whether the module's top level runs. */
  isLoading = false;
  readonly #transactions = new Transactions(this.links);
  readonly #requested = new Map<number, Requested>();
  readonly #executions = new Map<string, SandboxExecution>();
  #nextRun = 0;
  #env: Readonly<Record<string, string>> = Object.freeze({});
  #config: Readonly<Record<string, string>> = {};
  #hashtag = "";
  #shardId = "1";
  #settleRounds = Infinity;
  /** Why `run()` is not possible now, if it is not. */
  #runRefusal: string | undefined;

  /** Sets what the runtime said of this session. */
  configure(
    session: {
      kind: "script" | "library";
      isKept?: boolean;
      env: Readonly<Record<string, string>>;
      config: Readonly<Record<string, string>>;
      hashtag: string;
      shardId: string;
    },
  ): void {
    this.#settleRounds = session.kind === "script" && !session.isKept ? Infinity : 1;
    this.#env = Object.freeze({ ...session.env });
    this.#config = session.config;
    this.#hashtag = session.hashtag;
    this.#shardId = session.shardId;
  }

  /** Sets the keys that RG.CONFIGSET has set. */
  setConfig(config: Readonly<Record<string, string>>): void {
    this.#config = config;
  }

  /**
   * Resolves when every command has its reply, also those that nobody awaits. All commands of a
   * script that ends are its own, so those count that a reply set off; what lives on may always have some under
   * way, so there it is those given before.
   */
  async settled(): Promise<void> {
    let settled = -1;
    for (let round = 0; round < this.#settleRounds; round++) {
      const { given } = this.links;
      if (given === settled) return;
      await this.links.answered();
      await new Promise<void>((resolve) => setImmediate(() => resolve()));
      settled = given;
    }
  }

  /** Makes `run()` throw `reason`, or possible again. */
  refuseRuns(reason: string | undefined): void {
    this.#runRefusal = reason;
  }

  execute(command: string, args: readonly CommandArgument[]): Promise<Reply> {
    if (currentExecution()?.isAborted) return Promise.reject(aborted());
    const reason = whyForbidden(command, args);
    if (reason !== undefined) {
      return Promise.reject(new GearsError(`Cannot execute ${command}: ${reason}`));
    }
    const live = () => this.links.execute(command, args);
    const { source } = this.topLevel;
    if (source === null && !this.isLoading) {
      const reply = live();
      this.lastCommand = this.links.lastWasOwn ? reply : null;
      return reply;
    }
    return this.#placed(source?.call(nameCommand(command, args), live) ?? live());
  }

  atomic(keys: readonly string[], body: TransactionBody): Promise<Reply[]> {
    if (currentExecution()?.isAborted) return Promise.reject(aborted());
    const live = (call: BodyCall) => this.#transactions.run(keys, call);
    const { source } = this.topLevel;
    return this.#placed(source?.callWithBody("atomic", body, live) ?? live(body));
  }

  /** A promise whose failure names the place of the call, which V8 forgets at the top level. */
  #placed<T>(promise: Promise<T>): Promise<T> {
    if (!this.isLoading || currentExecution() !== undefined) return promise;
    const site = new Error();
    return promise.catch((error) => {
      placeAt(error, site);
      throw error;
    });
  }

  /** @param happened What an EventsReader yields. */
  run(
    compiled: CompiledPlan,
    invocation?: number,
    happened?: HappenedEvents,
  ): Promise<RunResult<unknown>> {
    if (this.#runRefusal !== undefined) throw new GearsError(this.#runRefusal);
    const isTopLevel = this.isLoading && currentExecution() === undefined;
    if (isTopLevel && this.registered.size > 0) throw runsOrRegisters();
    const run = this.#nextRun++;
    // What a run within an execution writes is the execution's.
    const depth = happened?.depth ?? currentExecution()?.depth;
    const result = new Promise<RunResult<unknown>>((resolve, reject) =>
      this.#requested.set(run, { compiled, happened, depth, resolve, reject })
    );
    // An author may leave the promise alone, as in the first line of every example.
    result.catch(() => {});
    const location = invocation === undefined ? authorPlace() : undefined;
    const isNested = currentExecution() !== undefined;
    const request = {
      type: "run" as const,
      run,
      plan: compiled.plan,
      isNested,
      ...(invocation !== undefined && { invocation }),
      ...(location && { location }),
    };
    if (isNested || !this.isLoading) sendToRuntime(request);
    else void this.#runFromTopLevel(request);
    return result;
  }

  register(compiled: CompiledRegistration): Promise<string> {
    if (!this.isLoading || currentExecution() !== undefined) {
      throw new GearsError(
        "register() can be called at the top level of a module only, while it is loaded",
      );
    }
    if (this.#nextRun > 0) throw runsOrRegisters();
    const live = () => this.registered.add(compiled);
    return this.topLevel.source?.repeat(`register ${compiled.plan.name}`, live) ?? live();
  }

  /** Asks for the run that the module's top level wants, with what it has read before. */
  async #runFromTopLevel(request: Extract<FromSandbox, { type: "run" }>): Promise<void> {
    try {
      sendToRuntime({ ...request, ...await this.topLevel.end() });
    } catch (error) {
      sendToRuntime({ type: "loadFailed", error: toErrorData(error, "SCRIPT_FAILED") });
    }
  }

  /** The runtime agreed to a run. */
  async start({ run, executionId, cluster }: StartMessage): Promise<void> {
    const requested = this.#requested.get(run);
    if (requested === undefined) return;
    this.#requested.delete(run);
    const execution = new SandboxExecution(executionId, requested.compiled, {
      shardId: this.#shardId,
      cluster,
      ...requested.happened,
      depth: requested.depth,
      settled: () => this.settled(),
    });
    this.#executions.set(executionId, execution);
    const result = await inExecution(execution, () => execution.run());
    requested.happened?.over(!execution.isAborted && result.errors.length === 0);
    requested.resolve(result);
    this.#executions.delete(executionId);
  }

  /** The runtime refused a run. */
  refuse(run: number, error: ErrorData): void {
    const requested = this.#requested.get(run);
    requested?.happened?.over(false);
    requested?.reject(PinionError.fromData(error));
    this.#requested.delete(run);
  }

  /** An execution that runs here. */
  execution(executionId: string): SandboxExecution | undefined {
    return this.#executions.get(executionId);
  }

  /** Lets an execution go. */
  abort(executionId: string): void {
    this.#executions.get(executionId)?.abort();
  }

  log(level: LogLevel, message: string): void {
    if (this.topLevel.isReplaying) return;
    sendToRuntime({ type: "log", level, message: message.slice(0, MAX_LINE) });
  }

  hashtag(): string {
    return this.topLevel.source?.read("hashtag", () => this.#hashtag) ?? this.#hashtag;
  }

  configGet(key: string): string | undefined {
    const live = () => Object.hasOwn(this.#config, key) ? this.#config[key] : undefined;
    const { source } = this.topLevel;
    return source === null ? live() : source.read(`configGet ${key}`, live);
  }

  env(): Readonly<Record<string, string>> {
    return this.#env;
  }
}

function aborted(): GearsError {
  return new GearsError("The execution was aborted");
}

function runsOrRegisters(): GearsError {
  return new GearsError(
    "A script can register() or run(), not both: what registers is loaded again at every start",
  );
}
