/**
 * Long work as server-sent events: `progress` and `log` while it goes on, then one `result` or one
 * `error`, which is a problem document.
 *
 * @module
 */

import { accepts, ServerSentEventStream } from "@std/http";
import type { ExecutionProgress } from "../../../contract/api/execution_info.ts";
import type { LogLine } from "../../../contract/api/log_entry.ts";
import { toJsonText } from "../../../contract/text/json_text.ts";
import { toProblem } from "./problem.ts";
import type { RouteCall } from "./route.ts";

/** Media type of the stream. */
export const EVENT_STREAM_TYPE = "text/event-stream";

/**
 * Listener to the progress of work. Both are left out for a client that does not keep up. Both are
 * left out for a client that does not keep up.
 */
export interface EventSink {
  /** Sends an event `progress`. */
  readonly onProgress: (progress: ExecutionProgress) => void;
  /** Sends an event `log`. */
  readonly onLog: (line: LogLine) => void;
}

/** Tells whether the client would rather have events than JSON. */
export function wantsEvents(request: Request): boolean {
  // A client that names neither, or anything, gets JSON.
  return accepts(request, "application/json", EVENT_STREAM_TYPE) === EVENT_STREAM_TYPE;
}

const HEADERS = {
  "content-type": EVENT_STREAM_TYPE,
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/**
 * Runs work and answers with its events at once.
 *
 * @param work What it resolves to is the `result`, what it throws the `error`.
 */
export function streamEvents(
  call: Pick<RouteCall<unknown, unknown>, "extend" | "limits" | "signal">,
  work: (events: EventSink, signal: AbortSignal) => Promise<unknown>,
): Response {
  const left = new AbortController();
  const signal = AbortSignal.any([call.signal, left.signal]);
  const { maxUnreadEvents } = call.limits;
  let skipped = 0;
  const source = new ReadableStream<{ event: string; data: string }>({
    start(controller): void {
      const send = (event: string, value: unknown) => {
        if (signal.aborted && event !== "error") return;
        controller.enqueue({ event, data: toJsonText(value) });
      };
      const trySend = (event: string, value: unknown) => {
        if ((controller.desiredSize ?? 0) > -maxUnreadEvents) send(event, value);
        else skipped++;
      };
      const done = work({
        onProgress: (progress) => trySend("progress", progress),
        onLog: (line) => trySend("log", line),
      }, signal).then((result) => {
        if (skipped > 0) send("log", skippedLine(skipped));
        send("result", result);
      }, (error) => send("error", toProblem(error)))
        .then(() => controller.close())
        // The client has left: there is nobody to tell.
        .catch(() => {});
      call.extend(done);
    },
    cancel(): void {
      left.abort();
    },
  });
  return new Response(source.pipeThrough(new ServerSentEventStream()), {
    headers: HEADERS,
  });
}

function skippedLine(skipped: number): LogLine {
  return {
    time: Date.now(),
    level: "warning",
    message: `${skipped} events were left out, as they were not read fast enough`,
  };
}
