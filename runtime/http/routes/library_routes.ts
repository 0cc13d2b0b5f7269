/**
 * `/v1/libraries`: deploys, shows and removes libraries.
 *
 * @module
 */

import { z } from "zod";
import { LibraryInfo, LibraryName, LibrarySummary } from "../../../contract/api/library_info.ts";
import { emptyReply, jsonReply } from "../reply/json_reply.ts";
import { defineRoute, type Route, type RouteCall } from "../reply/route.ts";
import { DeployBody, QueryFlag } from "../../../contract/api/schemas.ts";

const DeployQuery = z.strictObject({ dryRun: QueryFlag });
const RollbackBody = z.strictObject({ version: z.int().min(1).optional() });

const TAG = "libraries";
const NAMED = { name: LibraryName };

/** See the module. */
export const LIBRARY_ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/v1/libraries",
    summary: "List the libraries",
    tag: TAG,
    replies: [{ status: 200, description: "All of them", schema: z.array(LibrarySummary) }],
    handle: ({ engine }) => jsonReply(engine.listLibraries()),
  }),
  defineRoute({
    method: "GET",
    path: "/v1/libraries/{name}",
    summary: "Show a library: its manifest and versions",
    tag: TAG,
    params: NAMED,
    replies: [{ status: 200, description: "All that is known", schema: LibraryInfo }],
    handle: async ({ engine, params }) => jsonReply(await engine.getLibrary(params.name)),
  }),
  defineRoute({
    method: "PUT",
    path: "/v1/libraries/{name}",
    summary: "Deploy a library, or upgrade it; with dryRun, only check that it could be",
    tag: TAG,
    params: NAMED,
    query: DeployQuery,
    body: { kind: "json", schema: DeployBody },
    replies: [
      { status: 200, description: "It is upgraded, or would be deployed", schema: LibrarySummary },
      { status: 201, description: "It is deployed", schema: LibrarySummary },
    ],
    handle: deploy,
  }),
  defineRoute({
    method: "DELETE",
    path: "/v1/libraries/{name}",
    summary: "Remove a library with all its versions",
    tag: TAG,
    params: NAMED,
    replies: [{ status: 204, description: "It is removed" }],
    async handle({ engine, params }): Promise<Response> {
      await engine.undeploy(params.name);
      return emptyReply();
    },
  }),
  defineRoute({
    method: "POST",
    path: "/v1/libraries/{name}/rollback",
    summary: "Make an older version current; by default the one before the current one",
    tag: TAG,
    params: NAMED,
    body: { kind: "json", schema: RollbackBody, isOptional: true },
    replies: [{ status: 200, description: "The library as it is now", schema: LibrarySummary }],
    handle: async ({ engine, params, body }) =>
      jsonReply(await engine.rollback(params.name, body.version)),
  }),
  defineRoute({
    method: "POST",
    path: "/v1/libraries/{name}/resume",
    summary: "Lift the quarantine of a library whose isolate kept dying",
    tag: TAG,
    params: NAMED,
    replies: [{ status: 200, description: "The library as it is now", schema: LibrarySummary }],
    handle: ({ engine, params }) => jsonReply(engine.resumeLibrary(params.name)),
  }),
];

async function deploy(
  call: RouteCall<z.output<typeof DeployQuery>, z.output<typeof DeployBody>>,
): Promise<Response> {
  const { engine, params: { name }, query: { dryRun }, body } = call;
  const isNew = engine.listLibraries().every((library) => library.name !== name);
  const summary = await engine.deploy({ ...body, name, dryRun });
  return jsonReply(summary, isNew && !dryRun ? 201 : 200);
}
