/**
 * `/invoke` and `/fn`: what libraries export.
 *
 * `POST /invoke/{library}/{export}` is the busiest route by far. `invoke_path.ts` finds it without
 * the router; the row here serves the paths that it leaves alone (with encoded names) and the
 * documentation.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { FetchReply } from "../../engine/engine.ts";
import { JSON_HEADERS } from "../reply/json_reply.ts";
import { defineRoute, type Route, type RouteCall } from "../reply/route.ts";

const TAG = "functions";

/** Headers that are between two hosts only (RFC 9110), and those that follow from the body. */
const HOP_BY_HOP = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** See the module. */
export const FUNCTION_ROUTES: readonly Route[] = [
  defineRoute<unknown, Uint8Array>({
    method: "POST",
    path: "/invoke/{library}/{export}",
    summary: "Invoke an export: an async function with the body, a GearsBuilder as a batch run",
    tag: TAG,
    body: { kind: "bytes", description: "JSON, the function's argument; nothing is none" },
    replies: [
      { status: 200, description: "What it returned, as JSON", type: "application/json" },
    ],
    handle: async ({ engine, params, body, signal }) =>
      new Response(await engine.invoke(params.library, params.export, body, { signal }), {
        headers: JSON_HEADERS,
      }),
  }),
  defineRoute<unknown, Uint8Array>({
    method: "ANY",
    path: "/fn/{library}/*",
    summary: "Hand the request to the library's default fetch",
    tag: TAG,
    body: { kind: "bytes", description: "Anything that the function takes" },
    replies: [{ status: 200, description: "Whatever the function answers", type: "*/*" }],
    handle: callFetch,
  }),
];

async function callFetch(call: RouteCall<unknown, Uint8Array>): Promise<Response> {
  const { engine, params: { library }, request, body, signal } = call;
  const reply = await engine.fetch(library, {
    method: request.method,
    url: innerUrl(request.url),
    headers: [...request.headers].filter(([name]) =>
      !HOP_BY_HOP.has(name) && !(call.isTokenRequired && name === "authorization")
    ),
    body: request.method === "GET" || request.method === "HEAD" ? null : body,
  }, { signal });
  return buildResponse(reply);
}

/** The URL without `/fn/{library}`. */
function innerUrl(url: string): string {
  const pathStart = url.indexOf("/", url.indexOf("//") + 2);
  const rest = /^\/fn\/[^/?#]+(.*)$/.exec(url.slice(pathStart))?.[1] ?? "";
  return url.slice(0, pathStart) + (rest.startsWith("/") ? rest : `/${rest}`);
}

/** @throws {PinionError} `FUNCTION_FAILED` for a reply that HTTP does not know */
function buildResponse({ status, statusText, headers, body }: FetchReply): Response {
  try {
    const isBodiless = status === 204 || status === 205 || status === 304;
    return new Response(isBodiless ? null : body, {
      status,
      statusText,
      headers: headers.filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()))
        .map(([name, value]): [string, string] => [name, value]),
    });
  } catch {
    throw new PinionError(
      "FUNCTION_FAILED",
      "Cannot pass the function's response on: expected a status from 200 to 599 and valid headers",
    );
  }
}
