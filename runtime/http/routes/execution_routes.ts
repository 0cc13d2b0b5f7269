/**
 * `/v1/executions`: shows and ends executions.
 *
 * @module
 */

import { z } from "zod";
import type { ExecutionOutcome } from "../../engine/engine.ts";
import { EVENT_STREAM_TYPE, streamEvents, wantsEvents } from "../reply/event_stream.ts";
import { emptyReply, jsonReply } from "../reply/json_reply.ts";
import { defineRoute, type Route, type RouteCall } from "../reply/route.ts";
import { ExecutionInfo, ExecutionSummary, QueryFlag, ResultsReply } from "../../../contract/api/schemas.ts";

const ResultsQuery = z.strictObject({ wait: QueryFlag });

const TAG = "executions";

/** See the module. */
export const EXECUTION_ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/v1/executions",
    summary: "List the executions",
    tag: TAG,
    replies: [{ status: 200, description: "All of them", schema: z.array(ExecutionSummary) }],
    handle: ({ engine }) => jsonReply(engine.listExecutions()),
  }),
  defineRoute({
    method: "GET",
    path: "/v1/executions/{id}",
    summary: "Show an execution: its steps, figures and log",
    tag: TAG,
    replies: [{ status: 200, description: "All that is known", schema: ExecutionInfo }],
    handle: async ({ engine, params }) => jsonReply(await engine.getExecution(params.id)),
  }),
  defineRoute({
    method: "DELETE",
    path: "/v1/executions/{id}",
    summary: "Forget a finished execution",
    tag: TAG,
    replies: [{ status: 204, description: "It is forgotten" }],
    handle({ engine, params }): Response {
      engine.dropExecution(params.id);
      return emptyReply();
    },
  }),
  defineRoute({
    method: "POST",
    path: "/v1/executions/{id}/abort",
    summary: "Stop an execution; answers when nothing of it runs any more",
    tag: TAG,
    replies: [{ status: 204, description: "It is stopped, or was over before" }],
    async handle({ engine, params }): Promise<Response> {
      await engine.abortExecution(params.id);
      return emptyReply();
    },
  }),
  defineRoute({
    method: "GET",
    path: "/v1/executions/{id}/results",
    summary: "Show the results of an execution; with wait, once it is over",
    tag: TAG,
    query: ResultsQuery,
    replies: [
      { status: 200, description: "Results and errors", schema: ResultsReply },
      {
        status: 200,
        description: "Events progress, then result or error",
        type: EVENT_STREAM_TYPE,
      },
    ],
    handle: showResults,
  }),
];

async function showResults(
  call: RouteCall<z.output<typeof ResultsQuery>, undefined>,
): Promise<Response> {
  const { engine, params: { id }, query, request, signal } = call;
  if (!query.wait) return jsonReply(showOutcome(engine.getResults(id)));
  if (!wantsEvents(request)) return jsonReply(showOutcome(await engine.waitForResults(id, signal)));
  // An unknown id is a problem document with its own status, not an event.
  await engine.getExecution(id, "shard");
  return streamEvents(call, async ({ onProgress }, anySignal) => {
    await engine.watchExecution(id, onProgress, anySignal);
    return showOutcome(await engine.waitForResults(id, anySignal));
  });
}

function showOutcome({ results, errors }: ExecutionOutcome): z.input<typeof ResultsReply> {
  return { results: [...results], errors: [...errors] };
}
