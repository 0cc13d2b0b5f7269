/**
 * The module that the Web Worker of an isolate runs: takes messages, loads the author's module.
 *
 * The author's code shares this heap, so nothing here is secret and nothing outside relies on it.
 *
 * @module
 */

import "./guest/typescript/remove_buffer.ts";
import { installHost } from "../../sdk/host.ts";
import type { FromShards, ToSandbox } from "../../contract/isolate/messages/messages.ts";
import type { LoadMessage } from "../../contract/isolate/messages/modules.ts";
import { decodeWire } from "../../contract/isolate/wire.ts";
import type { ToWorkerThread } from "../../contract/isolate/worker_border.ts";
import { postToHost, sendToRuntime } from "./base/border.ts";
import { TYPESCRIPT } from "./guest/typescript/typescript_guest.ts";
import { takeKeysRead } from "./readers/listed_keys.ts";
import { findPageSource } from "./readers/page_source.ts";
import { type ModuleState, UNLOADED } from "./session/loaded_module.ts";
import { SandboxSession } from "./session/sandbox_session.ts";
import { warmUp } from "./warm_up.ts";

const guest = TYPESCRIPT;
const session = new SandboxSession(guest);
const { links } = session.commands;
const { runs, registered } = session;
let module: ModuleState = UNLOADED;

installHost(session.sdk);
await guest.prepare((level, message) => session.sdk.log(level, message));
addEventListener("message", (event) => receive((event as MessageEvent<ToWorkerThread>).data));
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  const description = guest.errors.describe(event.reason);
  session.sdk.log("warning", `A promise was rejected and nobody caught it: ${description}`);
});
addEventListener("error", (event) => {
  event.preventDefault();
  const description = guest.errors.describe((event as ErrorEvent).error);
  session.sdk.log("warning", `Nobody caught: ${description}`);
});
postToHost({ type: "ready" });

/** Takes a message of the host thread. */
function receive(message: ToWorkerThread): void {
  switch (message.type) {
    case "down":
      for (const inner of decodeWire(message.bytes) as ToSandbox[]) dispatch(inner);
      return;
    case "replies":
      return links.link(message.link).receive(message.bytes);
    case "slots":
      return links.setSlots(message.slots);
    case "linkDown":
      return links.link(message.link).breakDown(message.message);
    case "page":
      return findPageSource(message.id)?.add(message);
    case "end":
      return findPageSource(message.id)?.end(message.error);
    case "keysRead":
      return takeKeysRead(message);
    default:
      message satisfies never;
  }
}

/** Takes a message of the runtime. */
function dispatch(message: ToSandbox): void {
  switch (message.type) {
    case "load":
      return void load(message);
    case "start":
      return void runs.start(message);
    case "refuse":
      return runs.refuse(message.run, message.error);
    case "invoke":
    case "runExport":
    case "fetch":
    case "events":
    case "eventsEnd":
    case "trigger":
    case "runEvents":
      return module.take(message);
    case "sync":
      return sendToRuntime({ type: "synced" });
    case "listens":
      return links.marks.setListens(message.patterns);
    case "batch":
    case "batchEnd":
    case "credit":
    case "remoteResults":
    case "complete":
      return passToExecution(message);
    case "abort":
      return runs.execution(message.executionId)?.abort();
    case "config":
      return session.settings.setConfig(message.config);
    case "registration":
    case "refuseRegistration":
    case "callOnRegistered":
      return passToRegistered(message);
    case "warmUp":
      return void warmUp(guest).then(() => sendToRuntime({ type: "warm" }));
    default:
      message satisfies never;
  }
}

/** Takes a message about a registration of the module. */
function passToRegistered(
  message: Extract<
    ToSandbox,
    { type: "registration" | "refuseRegistration" | "callOnRegistered" }
  >,
): void {
  switch (message.type) {
    case "registration":
      return registered.confirm(message.registration, message.id);
    case "refuseRegistration":
      return registered.refuse(message.registration, message.error);
    case "callOnRegistered":
      return void registered.callOnRegistered(message.id, message.registration);
    default:
      message satisfies never;
  }
}

/** Takes what comes from other shards for an execution. */
function passToExecution(message: FromShards): void {
  const execution = runs.execution(message.executionId);
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
  try {
    const { module: loaded, ...result } = await session.load(message);
    module = loaded;
    sendToRuntime({ type: "loaded", ...result });
  } catch (error) {
    sendToRuntime({ type: "loadFailed", error: guest.errors.toLoadData(error) });
  }
}
