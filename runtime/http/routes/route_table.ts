/**
 * The HTTP interface: the one table that dispatch, validation, `openapi.json` and the index at `/`
 * derive from.
 *
 * @module
 */

import { z } from "zod";
import { DEAD_LETTER_ROUTES } from "./dead_letter_routes.ts";
import { EXECUTION_ROUTES } from "./execution_routes.ts";
import { FUNCTION_ROUTES } from "./function_routes.ts";
import { HEALTH_ROUTES } from "./health_routes.ts";
import { jsonReply } from "../reply/json_reply.ts";
import { LIBRARY_ROUTES } from "./library_routes.ts";
import { describeApi } from "./openapi.ts";
import { LIMIT_ROUTES } from "./limit_routes.ts";
import { REGISTRATION_ROUTES } from "./registration_routes.ts";
import { defineRoute, type Route } from "../reply/route.ts";
import { RUN_ROUTES } from "./run_routes.ts";
import { SHARD_ROUTES } from "./shard_routes.ts";
import { TRIGGER_ROUTES } from "./trigger_routes.ts";

const TAG = "documentation";

/** One row per method and path. */
export const ROUTE_TABLE: readonly Route[] = [
  ...RUN_ROUTES,
  ...EXECUTION_ROUTES,
  ...LIBRARY_ROUTES,
  ...FUNCTION_ROUTES,
  ...REGISTRATION_ROUTES,
  ...DEAD_LETTER_ROUTES,
  ...TRIGGER_ROUTES,
  ...SHARD_ROUTES,
  ...LIMIT_ROUTES,
  ...HEALTH_ROUTES,
  defineRoute({
    method: "GET",
    path: "/openapi.json",
    summary: "Show this interface as OpenAPI 3.1",
    tag: TAG,
    replies: [{ status: 200, description: "The document", type: "application/json" }],
    handle: () => jsonReply(describeApi(ROUTE_TABLE)),
  }),
  defineRoute({
    method: "GET",
    path: "/",
    summary: "List the routes",
    tag: TAG,
    replies: [{
      status: 200,
      description: "Name, and method, path and purpose of each route",
      schema: z.object({ name: z.string(), routes: z.record(z.string(), z.string()) }),
    }],
    handle: () =>
      jsonReply({
        name: "pinion",
        routes: Object.fromEntries(
          ROUTE_TABLE.map(({ method, path, summary }) => [`${method} ${path}`, summary]),
        ),
      }),
  }),
];
