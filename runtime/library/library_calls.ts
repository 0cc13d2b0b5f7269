/**
 * Calls of what libraries export: functions, builders, `fetch`, and this shard's part of runs that
 * others began.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import type { ExecutionOutcome, FetchReply, FetchRequest, InvokeOptions } from "../engine/engine.ts";
import type { ExecutionStore } from "../execution/execution_store.ts";
import type { ExecutionOrigin, PreparedPart } from "../execution/part.ts";
import { toJsonText } from "../../contract/text/json_text.ts";
import type { RunRequest } from "../session/session_calls.ts";
import type { DeployedLibrary } from "./deployed_library.ts";
import type { LoadedVersion } from "./load_version.ts";

const encoder = new TextEncoder();

/** See the module. */
export class LibraryCalls {
  readonly #find: (name: string) => DeployedLibrary;
  readonly #executions: ExecutionStore;

  /** @param find The library of a name; throws `NO_LIBRARY`. */
  constructor(find: (name: string) => DeployedLibrary, executions: ExecutionStore) {
    this.#find = find;
    this.#executions = executions;
  }

  /** See `Engine.invoke`. */
  async invoke(
    name: string,
    exportName: string,
    body: Uint8Array,
    options?: InvokeOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const library = this.#find(name);
    library.invocations++;
    try {
      const { session, exports } = library.live ?? await library.load();
      const found = exports.find((one) => one.name === exportName && one.kind !== "fetch");
      if (found === undefined) throw noExport(name, exportName, exports);
      if (found.kind === "function") return await session.invoke(exportName, body, options?.signal);
      const execution = await session.runExport(exportName, body);
      const abort = () => void session.abort(execution.id, callerGone());
      options?.signal?.addEventListener("abort", abort, { once: true });
      if (options?.signal?.aborted) abort();
      await execution.over;
      options?.signal?.removeEventListener("abort", abort);
      await execution.gone;
      this.#executions.forget(execution.id);
      return encoder.encode(outcomeText(execution.id, execution.finalOutcome()));
    } catch (error) {
      library.failures++;
      throw error;
    }
  }

  /** Has the version that serves here prepare its part of a run that another shard began. */
  async prepare(origin: Exclude<ExecutionOrigin, { kind: "script" }>): Promise<PreparedPart> {
    const { name, hash } = origin;
    const library = this.#find(name);
    if (library.summary.hash !== hash) throw otherVersion(name);
    const loaded = library.live ?? await library.load();
    const { session } = loaded;
    const { run, plan } = await preparePart(loaded, origin);
    let executionId: string | undefined;
    return {
      session: name,
      plan,
      start(execution, place, part) {
        executionId = execution.id;
        const port = session.startPart(run, execution, place, part);
        execution.over.then(() => port.complete([]));
        return port;
      },
      async release(reason) {
        if (executionId === undefined) session.refuseRun(run, reason);
        else await session.abort(executionId, reason);
      },
    };
  }

  /** See `Engine.fetch`. */
  async fetch(name: string, request: FetchRequest, options?: InvokeOptions): Promise<FetchReply> {
    const library = this.#find(name);
    library.invocations++;
    try {
      const { session, exports } = library.live ?? await library.load();
      if (!exports.some(({ kind }) => kind === "fetch")) throw noExport(name, "default", exports);
      return await session.fetch(request, options?.signal);
    } catch (error) {
      library.failures++;
      throw error;
    }
  }
}

/** The plan that this shard has for a run of another one. */
function preparePart(
  { session, exports, registrations }: LoadedVersion,
  origin: Exclude<ExecutionOrigin, { kind: "script" }>,
): Promise<RunRequest> {
  const { name } = origin;
  if (origin.kind === "registration") {
    const { registration, args, depth } = origin;
    if (registrations.length <= registration) throw otherVersion(name);
    return session.prepareEvents({
      registration,
      events: args === null ? [] : [{ kind: "command", args }],
      depth,
    });
  }
  const { exportName, body } = origin;
  if (!exports.some((one) => one.name === exportName && one.kind === "builder")) {
    throw noExport(name, exportName, exports);
  }
  return session.prepareExport(exportName, body);
}

function noExport(
  name: string,
  exportName: string,
  exports: readonly { readonly name: string; readonly kind: string }[],
): PinionError {
  const list = exports.map((one) => `${one.name} (${one.kind})`).join(", ");
  return new PinionError(
    "NO_EXPORT",
    `Library ${name} has no export ${JSON.stringify(exportName)} to invoke here; it has: ${list}`,
  );
}

function otherVersion(name: string): PinionError {
  return new PinionError(
    "NO_VERSION",
    `Library ${name} has another version on this shard; try again when its deploy is through`,
  );
}

function outcomeText(executionId: string, { results, errors }: ExecutionOutcome): string {
  return toJsonText({ executionId, results, errors });
}

function callerGone(): PinionError {
  return new PinionError("EXECUTION_ABORTED", "The execution was stopped: its caller went away");
}
