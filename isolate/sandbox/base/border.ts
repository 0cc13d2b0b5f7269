/**
 * The sandbox's side of the worker border: what it posts to the host thread.
 *
 * Messages to the runtime that are sent in one turn of the loop travel as one payload.
 *
 * @module
 */

import { MAX_MESSAGES } from "../../../contract/isolate/messages/message_limits.ts";
import type { FromSandbox } from "../../../contract/isolate/messages/messages.ts";
import { encodeWire } from "../../../contract/isolate/wire.ts";
import type { ToHostThread } from "../../../contract/isolate/worker_border.ts";

const scope = globalThis as unknown as DedicatedScope;
const postMessage = scope.postMessage.bind(scope);
const schedule = queueMicrotask;

interface DedicatedScope {
  postMessage(message: unknown, transfer: Transferable[]): void;
}

let outbox: FromSandbox[] = [];

/** Posts to the host thread; the buffers in `transfer` are gone afterwards. */
export function postToHost(message: ToHostThread, transfer: Transferable[] = []): void {
  postMessage(message, transfer);
}

/** Sends to the runtime. */
export function sendToRuntime(message: FromSandbox): void {
  const count = outbox.push(message);
  if (count === 1) schedule(flush);
  else if (count === MAX_MESSAGES) flush();
}

function flush(): void {
  const messages = outbox;
  if (messages.length === 0) return;
  outbox = [];
  let bytes;
  try {
    bytes = encodeWire(messages);
  } catch {
    // Only where user code has broken what this heap shares: the host thread ends the process.
    return postToHost({ type: "broken" });
  }
  postToHost({ type: "up", bytes }, [bytes.buffer]);
}
