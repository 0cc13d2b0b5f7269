/**
 * `POST /v1/triggers/{trigger}`: RG.TRIGGER over HTTP.
 *
 * @module
 */

import { z } from "zod";
import { jsonReply } from "../reply/json_reply.ts";
import { defineRoute, type Route } from "../reply/route.ts";
import { QueryFlag, ResultsReply, TriggerArguments } from "../../../contract/api/schemas.ts";

/** `onKey`: the first argument is a key, and the shard that owns it runs the function. */
const Query = z.strictObject({ onKey: QueryFlag });

/** See the module. */
export const TRIGGER_ROUTES: readonly Route[] = [
  defineRoute({
    method: "POST",
    path: "/v1/triggers/{trigger}",
    summary:
      "Run what is registered on a trigger; with ?onKey=1 where its first argument, a key, is",
    tag: "registrations",
    query: Query,
    body: { kind: "json", schema: TriggerArguments, isOptional: true, isAnyType: true },
    replies: [{ status: 200, description: "What it came to", schema: ResultsReply }],
    handle: async ({ engine, params, query, body, signal }) => {
      const args = [params.trigger, ...body];
      const { results, errors } = query.onKey
        ? await engine.triggerOnKey(args, { signal })
        : await engine.trigger(args, { signal });
      return jsonReply({ results, errors });
    },
  }),
];
