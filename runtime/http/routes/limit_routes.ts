/**
 * `/v1/limits`: what functions and clients may use.
 *
 * @module
 */

import { z } from "zod";
import { jsonReply } from "../reply/json_reply.ts";
import { defineRoute, type Route } from "../reply/route.ts";
import { LimitRow } from "../../../contract/api/schemas.ts";

/** See the module. */
export const LIMIT_ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/v1/limits",
    summary: "Show the limits of functions and clients",
    tag: "shard",
    replies: [{ status: 200, description: "All of them", schema: z.array(LimitRow) }],
    handle: ({ engine }) => jsonReply(engine.limits()),
  }),
];
