/**
 * `/v1/registrations`: shows, pauses and ends registrations. Changes are of all shards, figures of
 * this one.
 *
 * @module
 */

import { z } from "zod";
import type { Engine } from "../../engine/engine.ts";
import { emptyReply, jsonReply } from "../reply/json_reply.ts";
import { defineRoute, type Route } from "../reply/route.ts";
import { QueryFlag, RegistrationInfo, ReplayBody } from "../../../contract/api/schemas.ts";

const TAG = "registrations";
const ONE = "/v1/registrations/{id}";

/** See the module. */
export const REGISTRATION_ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/v1/registrations",
    summary: "List the registrations, with what happened on this shard",
    tag: TAG,
    replies: [{ status: 200, description: "All of them", schema: z.array(RegistrationInfo) }],
    handle: ({ engine }) => jsonReply(engine.listRegistrations()),
  }),
  defineRoute({
    method: "GET",
    path: ONE,
    summary: "Show a registration",
    tag: TAG,
    replies: [{ status: 200, description: "All that is known", schema: RegistrationInfo }],
    handle: ({ engine, params }) => jsonReply(engine.getRegistration(params.id)),
  }),
  defineRoute({
    method: "DELETE",
    path: ONE,
    summary: "End a registration; with abortPending, without what it has not begun",
    tag: TAG,
    query: z.strictObject({ abortPending: QueryFlag }),
    replies: [{ status: 204, description: "It takes nothing new; what has begun goes on" }],
    async handle({ engine, params, query }): Promise<Response> {
      await engine.unregister(params.id, query);
      return emptyReply();
    },
  }),
  changeRoute(
    "pause",
    "Have a registration take nothing new until it is resumed",
    (engine, id) => engine.pauseRegistrations([id], "pause"),
  ),
  changeRoute(
    "drain",
    "Have a registration finish what it has taken, and take nothing new until it is resumed",
    (engine, id) => engine.pauseRegistrations([id], "drain"),
  ),
  changeRoute(
    "resume",
    "Have a registration go on, also where it had stopped by itself",
    (engine, id) => engine.resumeRegistrations([id]),
  ),
  defineRoute({
    method: "POST",
    path: `${ONE}/replay`,
    summary: "Have a registration read its streams again from a message or a time on",
    tag: TAG,
    body: { kind: "json", schema: ReplayBody },
    replies: [
      { status: 200, description: "The registration as it is now", schema: RegistrationInfo },
    ],
    async handle({ engine, params, body }): Promise<Response> {
      await engine.replayRegistration(params.id, body.from);
      return jsonReply(engine.getRegistration(params.id));
    },
  }),
];

function changeRoute(
  verb: string,
  summary: string,
  change: (engine: Engine, id: string) => Promise<void>,
): Route {
  return defineRoute({
    method: "POST",
    path: `${ONE}/${verb}`,
    summary,
    tag: TAG,
    replies: [
      { status: 200, description: "The registration as it is now", schema: RegistrationInfo },
    ],
    async handle({ engine, params }): Promise<Response> {
      await change(engine, params.id);
      return jsonReply(engine.getRegistration(params.id));
    },
  });
}
