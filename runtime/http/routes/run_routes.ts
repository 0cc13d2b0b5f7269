/**
 * `POST /v1/run`: runs a script.
 *
 * @module
 */

import type { z } from "zod";
import {
  RunQuery,
  RunReply,
  type ScriptOptions,
  type ScriptOutcome,
  StartedReply,
} from "../../../contract/api/script_outcome.ts";
import { EVENT_STREAM_TYPE, streamEvents, wantsEvents } from "../reply/event_stream.ts";
import { jsonReply } from "../reply/json_reply.ts";
import { defineRoute, type Route, type RouteCall } from "../reply/route.ts";

type RunCall = RouteCall<z.output<typeof RunQuery>, string>;

/** Routes of scripts. */
export const RUN_ROUTES: readonly Route[] = [
  defineRoute({
    method: "POST",
    path: "/v1/run",
    summary: "Run a TypeScript or JavaScript script",
    tag: "scripts",
    query: RunQuery,
    body: { kind: "source" },
    replies: [
      { status: 200, description: "What its run() gave", schema: RunReply },
      {
        status: 200,
        description: "Events progress and log, then result or error",
        type: EVENT_STREAM_TYPE,
      },
      { status: 202, description: "With unblocking: it has begun", schema: StartedReply },
    ],
    handle: runScript,
  }),
];

async function runScript(call: RunCall): Promise<Response> {
  const { body, engine, query, request, signal } = call;
  const options: ScriptOptions = query;
  if (wantsEvents(request)) {
    return streamEvents(
      call,
      async (events, anySignal) =>
        showOutcome(await engine.scripts.run(body, { ...options, ...events }, anySignal)),
    );
  }
  const outcome = await engine.scripts.run(body, options, signal);
  return jsonReply(showOutcome(outcome), outcome.kind === "started" ? 202 : 200);
}

function showOutcome(
  outcome: ScriptOutcome,
): z.input<typeof RunReply> | z.input<typeof StartedReply> {
  switch (outcome.kind) {
    case "ok":
      return { executionId: null, results: [], errors: [] };
    case "registered": {
      const registrations = [...outcome.registrations];
      return { executionId: null, results: [], errors: [], registrations };
    }
    case "started":
      return { executionId: outcome.executionId };
    case "done": {
      const { results, errors } = outcome.outcome;
      return { executionId: outcome.executionId, results: [...results], errors: [...errors] };
    }
    default:
      return outcome satisfies never;
  }
}
