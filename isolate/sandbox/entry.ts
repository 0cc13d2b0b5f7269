/**
 * The module that the Web Worker of an isolate runs: takes messages, loads the author's module.
 *
 * The author's code shares this heap, so nothing here is secret and nothing outside relies on it.
 *
 * @module
 */

import "./guest/typescript/remove_buffer.ts";
import { installHost } from "../../sdk/host.ts";
import type { FromShards, ToSandbox } from "../../contract/isolate/messages.ts";
import type { LoadMessage } from "../../contract/isolate/modules.ts";
import { decodeWire } from "../../contract/isolate/wire.ts";
import type { ToWorkerThread } from "../../contract/isolate/worker_border.ts";
import { describeError, nameModule, toLoadError } from "./guest/typescript/author_error.ts";
import { postToHost, sendToRuntime } from "./base/border.ts";
import { prepareGlobals } from "./guest/typescript/globals.ts";
import { Deliveries } from "./events/deliveries.ts";
import { runEvents } from "./events/event_runs.ts";
import { TriggerRuns } from "./events/trigger_runs.ts";
import { Invocations } from "./host/invocations.ts";
import { loadModule, publishGlobals, publishSdk } from "./guest/typescript/module_loader.ts";
import { pageSource } from "./readers/page_source.ts";
import { takeKeysRead } from "./readers/listed_keys.ts";
import { SandboxHost } from "./host/sandbox_host.ts";
import { warmUp } from "./warm_up.ts";

const host = new SandboxHost();
let invocations: Invocations | null = null;
let deliveries: Deliveries | null = null;
let triggerRuns: TriggerRuns | null = null;

installHost(host);
await publishSdk();
prepareGlobals((level, message) => host.log(level, message));
addEventListener("message", (event) => receive((event as MessageEvent<ToWorkerThread>).data));
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  host.log(
    "warning",
    `A promise was rejected and nobody caught it: ${describeError(event.reason)}`,
  );
});
addEventListener("error", (event) => {
  event.preventDefault();
  host.log("warning", `Nobody caught: ${describeError((event as ErrorEvent).error)}`);
});
postToHost({ type: "ready" });

/** From the host thread. */
function receive(message: ToWorkerThread): void {
  switch (message.type) {
    case "down":
      for (const inner of decodeWire(message.bytes) as ToSandbox[]) dispatch(inner);
      return;
    case "replies":
      return host.links.link(message.link).receive(message.bytes);
    case "slots":
      return host.links.setSlots(message.slots);
    case "linkDown":
      return host.links.link(message.link).breakDown(message.message);
    case "page":
      return pageSource(message.id)?.add(message);
    case "end":
      return pageSource(message.id)?.end(message.error);
    case "keysRead":
      return takeKeysRead(message);
    default:
      message satisfies never;
  }
}

/** From the runtime. */
function dispatch(message: ToSandbox): void {
  switch (message.type) {
    case "load":
      return void load(message);
    case "start":
      return void host.start(message);
    case "refuse":
      return host.refuse(message.run, message.error);
    case "invoke":
      return invocations!.invoke(message.id, message.exportName, message.body);
    case "runExport":
      return invocations!.runExport(message.id, message.exportName, message.body);
    case "fetch":
      return void invocations!.fetch(message);
    case "events":
      return deliveries!.take(message);
    case "sync":
      return sendToRuntime({ type: "synced" });
    case "listens":
      return host.links.marks.setListens(message.patterns);
    case "eventsEnd":
      return deliveries!.end(message);
    case "trigger":
      return triggerRuns!.run(message);
    case "runEvents":
      return runEvents(
        host,
        host.registered.at(message.registration)!,
        message,
        deliveries!,
      );
    case "batch":
    case "batchEnd":
    case "credit":
    case "remoteResults":
    case "complete":
      return toExecution(message);
    case "abort":
      return host.abort(message.executionId);
    case "config":
      return host.setConfig(message.config);
    case "registration":
      return host.registered.confirm(message.registration, message.id);
    case "refuseRegistration":
      return host.registered.refuse(message.registration, message.error);
    case "callOnRegistered":
      return void host.registered.callOnRegistered(message.id, message.registration);
    case "warmUp":
      return void warmUp().then(() => sendToRuntime({ type: "warm" }));
    default:
      message satisfies never;
  }
}

/** What comes from other shards for an execution. */
function toExecution(message: FromShards): void {
  const execution = host.execution(message.executionId);
  switch (message.type) {
    case "batch":
      return execution?.stages?.receive(message.shuffle, message.source, message.records);
    case "batchEnd":
      return execution?.stages?.endOf(message.shuffle, message.source);
    case "credit":
      return execution?.stages?.credit(message.shuffle, message.target, message.bytes);
    case "remoteResults":
      return execution?.addRemoteResults(message.records);
    case "complete":
      return execution?.complete(message);
    default:
      message satisfies never;
  }
}

async function load(message: LoadMessage): Promise<void> {
  nameModule(message.fileName);
  host.configure(message);
  const isScript = message.kind === "script";
  if (isScript) {
    publishGlobals();
    host.topLevel.begin(message);
  } else {
    host.refuseRuns(
      "run() at the top level of a library would run at every start: export the builder and invoke it",
    );
  }
  try {
    host.isLoading = true;
    const module = await loadModule(message.source).finally(() => host.isLoading = false);
    // Commands that the top level gave without waiting for them count as part of it.
    if (isScript) await host.settled();
    const kept = isScript && host.registered.size > 0 ? await host.topLevel.keep() : {};
    host.refuseRuns(undefined);
    invocations = new Invocations(module, host, message.fileName.replace(/\.\w+$/, ""));
    deliveries = new Deliveries(host, (place) => host.registered.at(place));
    triggerRuns = new TriggerRuns(host, (place) => host.registered.at(place));
    sendToRuntime({ type: "loaded", exports: module.exports, ...kept });
  } catch (error) {
    sendToRuntime({ type: "loadFailed", error: toLoadError(error) });
  }
}
