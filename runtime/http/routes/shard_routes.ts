/**
 * What is known of this shard: sessions, cluster, log and settings.
 *
 * @module
 */

import { z } from "zod";
import type { NumericConfigKey } from "../../base/config_store.ts";
import { jsonReply } from "../reply/json_reply.ts";
import { defineRoute, type Route } from "../reply/route.ts";
import { ClusterStatus, LogLine, SessionInfo } from "../../../contract/api/schemas.ts";

const TAG = "shard";

/** The types see to it that none is left out. */
const SETTINGS = Object.keys(
  {
    MaxExecutions: true,
    MaxExecutionsPerRegistration: true,
    ProfileExecutions: true,
    ExecutionThreads: true,
    ExecutionMaxIdleTime: true,
    SendMsgRetries: true,
  } satisfies Record<NumericConfigKey, true>,
) as NumericConfigKey[];

/** See the module. */
export const SHARD_ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/v1/sessions",
    summary: "List the sessions",
    tag: TAG,
    replies: [{ status: 200, description: "All of them", schema: z.array(SessionInfo) }],
    handle: ({ engine }) => jsonReply(engine.listSessions()),
  }),
  defineRoute({
    method: "GET",
    path: "/v1/cluster",
    summary: "Show the topology",
    tag: TAG,
    replies: [{ status: 200, description: "The shards", schema: ClusterStatus }],
    handle: async ({ engine }) => jsonReply(await engine.clusterStatus()),
  }),
  defineRoute({
    method: "GET",
    path: "/v1/logs",
    summary: "Show what the runtime and the functions logged last, oldest first",
    tag: TAG,
    query: z.strictObject({ session: z.string().optional() }),
    replies: [{ status: 200, description: "Lines", schema: z.array(LogLine) }],
    handle: ({ engine, query }) => jsonReply(engine.recentLogs(query.session)),
  }),
  defineRoute({
    method: "GET",
    path: "/v1/config",
    summary: "Show the settings of RG.CONFIGSET",
    tag: TAG,
    replies: [{
      status: 200,
      description: "Name and value of each",
      schema: z.record(z.string(), z.union([z.int(), z.string()])),
    }],
    handle: ({ engine: { config } }) =>
      jsonReply({
        ...Object.fromEntries(SETTINGS.map((name) => [name, config.number(name)])),
        ...config.extra(),
      }),
  }),
];
