/**
 * `/v1/dlq`: events that registrations have given up. A cluster keeps them once.
 *
 * @module
 */

import { z } from "zod";
import { jsonReply } from "../reply/json_reply.ts";
import { defineRoute, type Route } from "../reply/route.ts";
import { DeadLetter, DeadLetterQueue, DeadLetterReplay } from "../../../contract/api/schemas.ts";

const TAG = "dead letters";
const ONE = "/v1/dlq/{library}/{name}";
/** Letters of a reply, at most. */
const MAX_COUNT = 1_000;

const Id = z.string().regex(
  /^\d{1,16}-\d{1,20}$/,
  "expected the id of a letter, such as 1700000000000-0",
);
const PageQuery = z.strictObject({
  /** Letters after this one. */
  after: Id.optional(),
  count: z.coerce.number().int().min(1).max(MAX_COUNT).optional(),
});
const IdQuery = z.strictObject({ id: Id.optional() });

/** See the module. */
export const DEAD_LETTER_ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/v1/dlq",
    summary: "List the registrations that have given up events",
    tag: TAG,
    replies: [{ status: 200, description: "All of them", schema: z.array(DeadLetterQueue) }],
    handle: async ({ engine }) => jsonReply(await engine.listDeadLetters()),
  }),
  defineRoute({
    method: "GET",
    path: ONE,
    summary: "Show events that a registration has given up, oldest first",
    tag: TAG,
    query: PageQuery,
    replies: [{ status: 200, description: "A page of them", schema: z.array(DeadLetter) }],
    handle: async ({ engine, params, query }) =>
      jsonReply(await engine.getDeadLetters(queueOf(params), query)),
  }),
  defineRoute({
    method: "POST",
    path: `${ONE}/replay`,
    summary: "Run events again that were given up, or one of them; what succeeds is removed",
    tag: TAG,
    query: IdQuery,
    replies: [{ status: 200, description: "What became of them", schema: DeadLetterReplay }],
    handle: async ({ engine, params, query, signal }) =>
      jsonReply(await engine.replayDeadLetters(queueOf(params), idsOf(query), signal)),
  }),
  defineRoute({
    method: "DELETE",
    path: ONE,
    summary: "Remove events that were given up, or one of them",
    tag: TAG,
    query: IdQuery,
    replies: [{
      status: 200,
      description: "How many there were",
      schema: z.object({ dropped: z.int() }),
    }],
    handle: async ({ engine, params, query }) =>
      jsonReply({ dropped: await engine.dropDeadLetters(queueOf(params), idsOf(query)) }),
  }),
];

function queueOf({ library, name }: Readonly<Record<string, string>>) {
  return { library, registration: name };
}

function idsOf({ id }: z.infer<typeof IdQuery>): readonly string[] | undefined {
  return id === undefined ? undefined : [id];
}
