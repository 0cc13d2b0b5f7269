/**
 * Runs one plan in the sandbox: reader, pipeline, results.
 *
 * @module
 */

import type { CompiledPlan } from "../../../sdk/compile.ts";
import type { RunResult } from "../../../sdk/host.ts";
import type {
  ClusterPosition,
  ExecutionFigures,
} from "../../../contract/isolate/messages/execution_messages.ts";
import { sendToRuntime } from "../base/border.ts";
import type { Batch } from "../base/batch.ts";
import type { Guest } from "../guest/guest.ts";
import type { EventRecords } from "../readers/event_records.ts";
import type { Flow } from "../pipeline/flow.ts";
import { Pipeline } from "../pipeline/pipeline.ts";
import { openReader } from "../readers/open_reader.ts";
import { StagedFlow } from "../pipeline/staged_flow.ts";
import { makeContext } from "../steps/step_context.ts";
import type { StepContext } from "../steps/step_runner.ts";
import { ExecutionErrors } from "./execution_errors.ts";
import { ExecutionResults } from "./execution_results.ts";
import { ReadLoop } from "./read_loop.ts";
import { RunScope } from "./run_scope.ts";

/** The part of its sandbox that an execution needs. */
export interface ExecutionDeps {
  readonly executionId: string;
  readonly guest: Pick<Guest, "errors" | "fuse">;
  /** The record of a ShardsIDReader. */
  readonly shardId: string;
  /** This shard's place among those that take part; absent where it runs alone. */
  readonly cluster?: ClusterPosition;
  /** Records of an EventsReader. */
  readonly events?: readonly EventRecords[];
  /** Number of registrations whose writes led to them. */
  readonly depth?: number;
  /** Resolves when every command that the code has given has its reply. */
  settled(): Promise<void>;
}

/** The end of an execution that other shards take part in. */
interface Completion {
  readonly errors: readonly string[];
}

/** An execution that runs in this sandbox. */
export class SandboxExecution {
  /** The scope of everything that it calls. */
  readonly scope: RunScope;
  /** The same as `#flow`, where other shards take part. */
  readonly stages: StagedFlow | null;
  readonly #deps: ExecutionDeps;
  readonly #errors: ExecutionErrors;
  readonly #results: ExecutionResults;
  readonly #flow: Flow;
  readonly #reading: ReadLoop;
  readonly #completion = Promise.withResolvers<Completion>();

  constructor({ plan, callbacks }: CompiledPlan, deps: ExecutionDeps) {
    const { executionId, guest, cluster } = deps;
    this.#deps = deps;
    const scope = this.scope = new RunScope(deps.depth);
    const errors = this.#errors = new ExecutionErrors(
      (error) => guest.errors.describe(error),
      scope,
    );
    const fail = (error: unknown) => errors.add(error);
    const isInitiator = cluster?.self === cluster?.initiator;
    const results = this.#results = new ExecutionResults({ executionId, isInitiator, fail });
    const emit = ({ records }: Batch) => {
      if (!scope.isAborted) results.take(records);
    };
    const context: StepContext = makeContext({
      ...{ callbacks, fail, window: plan.window, fuse: guest.fuse },
    });
    this.stages = cluster === undefined
      ? null
      : new StagedFlow(executionId, plan.steps, cluster, context, emit);
    const flow = this.#flow = this.stages ?? new Pipeline(plan.steps, context, emit);
    this.#reading = new ReadLoop({
      flow,
      open: () => openReader(plan.reader, context, deps),
      isAborted: () => scope.isAborted,
      report: () => sendToRuntime({ type: "progress", ...this.#report() }),
    });
  }

  /** Ends it as soon as the callbacks that are outstanding have; nothing comes out any more. */
  abort(): void {
    this.scope.abort();
    this.#flow.abort();
    this.#completion.resolve({ errors: [] });
  }

  /** Takes results of another shard. */
  addRemoteResults(records: Uint8Array): void {
    this.#results.takeRemote(records);
  }

  /** Ends it: every shard is done. */
  complete(completion: Completion): void {
    this.#completion.resolve(completion);
  }

  /** Runs to the end and tells the runtime. Never rejects: what fails is among the errors. */
  async run(): Promise<RunResult<unknown>> {
    await this.#runFlow();
    this.#results.flush();
    const errors = this.#errors.list();
    const results = this.#results.kept;
    sendToRuntime({ type: "done", ...this.#report(), errors });
    if (this.stages === null) return { results, errors };
    const { errors: others } = await this.#completion.promise;
    return { results, errors: [...errors, ...others] };
  }

  async #runFlow(): Promise<void> {
    const { scope } = this;
    const flow = this.#flow;
    const fail = (error: unknown) => this.#errors.add(error);
    flow.begin();
    // Where the reader fails, what it gave so far goes on to the end.
    await this.#reading.run().catch(fail);
    try {
      await (scope.isAborted ? flow.settled() : flow.end());
      await this.#deps.settled();
    } catch (error) {
      fail(error);
    }
  }

  #report(): { executionId: string; figures: ExecutionFigures } {
    return {
      executionId: this.#deps.executionId,
      figures: {
        ...this.#reading.figures,
        results: this.#results.count,
        errors: this.#errors.count,
        forwardedCommands: this.scope.forwardedCommands,
        steps: this.#flow.figures.map((step) => ({ ...step })),
      },
    };
  }
}
