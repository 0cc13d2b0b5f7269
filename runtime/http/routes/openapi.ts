/**
 * The route table as an OpenAPI document.
 *
 * Source: OpenAPI 3.1.
 *
 * @module
 */

import { z } from "zod";
import { Problem, PROBLEM_TYPE } from "../reply/problem.ts";
import type { Route, RouteBody, RouteReply } from "../reply/route.ts";

/** JSON of any shape. */
type Json = Record<string, unknown>;

/** Methods that stand for `ANY`. */
const ANY_METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** The document. */
export function describeApi(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace("*", "{path}");
    const methods = route.method === "ANY" ? ANY_METHODS : [route.method.toLowerCase()];
    for (const method of methods) {
      (paths[path] ??= {})[method] = describeRoute(route, method);
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Pinion",
      version: "0.1.0",
      description: "A serverless engine for Redis and Valkey: one shard's runtime.",
    },
    security: [{ token: [] }, {}],
    paths,
    components: {
      schemas: { Problem: toSchema(Problem, "output") },
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
  };
}

function describeRoute(route: Route, method: string): Json {
  return {
    operationId: nameOperation(route.path, method),
    summary: route.summary,
    tags: [route.tag],
    parameters: [...describePath(route), ...describeQuery(route)],
    ...(route.isOpen && { security: [] }),
    ...(route.body && method !== "get" && { requestBody: describeBody(route.body) }),
    responses: { ...describeReplies(route.replies), default: PROBLEM_REPLY },
  };
}

/** `get` and `/v1/executions/{id}` make `getExecutionsId`. */
function nameOperation(path: string, method: string): string {
  const words = path.replace(/^\/v1/, "").split(/[^A-Za-z]+/).filter((word) => word !== "");
  return method + words.map((word) => word[0].toUpperCase() + word.slice(1)).join("");
}

function describePath(route: Route): Json[] {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  if (route.path.endsWith("*")) names.push("path");
  return names.map((name) => ({
    name,
    in: "path",
    required: true,
    schema: route.params?.[name] ? toSchema(route.params[name], "input") : { type: "string" },
  }));
}

function describeQuery({ query }: Route): Json[] {
  if (query === undefined) return [];
  const { properties = {} } = toSchema(query, "input") as { properties?: Record<string, Json> };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", schema }));
}

function describeBody(body: RouteBody<unknown>): Json {
  switch (body.kind) {
    case "json":
      return {
        required: !body.isOptional,
        content: { "application/json": { schema: toSchema(body.schema, "input") } },
      };
    case "source":
      return {
        required: true,
        description: "TypeScript or JavaScript source",
        content: Object.fromEntries(
          ["application/typescript", "application/javascript", "text/plain"].map(
            (type) => [type, { schema: { type: "string" } }],
          ),
        ),
      };
    case "bytes":
      return { description: body.description, content: { "*/*": {} } };
    default:
      return body satisfies never;
  }
}

/** Replies of one status that differ in their media type are one response. */
function describeReplies(replies: readonly RouteReply[]): Json {
  const responses: Record<string, { description: string; content?: Json }> = {};
  for (const { status, description, schema, type } of replies) {
    const media = type ?? (schema && "application/json");
    const response = responses[status] ??= { description };
    if (media === undefined) continue;
    response.content = {
      ...response.content,
      [media]: schema === undefined ? {} : { schema: toSchema(schema, "output") },
    };
  }
  return responses;
}

const PROBLEM_REPLY: Json = {
  description: "Why it failed",
  content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
};

function toSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
