/**
 * What programs ask that keep the runtime running: is it up, can it serve, how does it do.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { jsonReply } from "../reply/json_reply.ts";
import { defineRoute, type Route } from "../reply/route.ts";
import { Health } from "../../../contract/api/schemas.ts";

const TAG = "operation";
/** Media type of the text format of Prometheus. */
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** See the module. */
export const HEALTH_ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/healthz",
    summary: "Tell that the process is up",
    tag: TAG,
    isOpen: true,
    replies: [{ status: 200, description: "It is", schema: Health }],
    handle: async ({ engine }) => jsonReply(await engine.health()),
  }),
  defineRoute({
    method: "GET",
    path: "/readyz",
    summary: "Tell whether the shard can serve: 503 while its Redis is down or it stands by",
    tag: TAG,
    isOpen: true,
    replies: [{ status: 200, description: "It can", schema: Health }],
    async handle({ engine }): Promise<Response> {
      const health = await engine.health();
      if (health.redis === "up" && health.role === "acting") return jsonReply(health);
      if (health.redis === "up") {
        throw new PinionError("STANDBY", "This runtime stands by; another one acts for its shard");
      }
      throw new PinionError(
        "REDIS_UNAVAILABLE",
        "Redis cannot be reached; the runtime goes on trying",
      );
    },
  }),
  defineRoute({
    method: "GET",
    path: "/metrics",
    summary: "Show counters, gauges and latencies for Prometheus",
    tag: TAG,
    replies: [{ status: 200, description: "Text", type: METRICS_TYPE }],
    handle: ({ engine, metrics }) =>
      new Response(metrics.render(engine.metrics()), { headers: { "content-type": METRICS_TYPE } }),
  }),
];
