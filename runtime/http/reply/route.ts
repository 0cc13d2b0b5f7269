/**
 * What a route is: a row of the route table. Dispatch, validation, `openapi.json` and the index derive
 * from it.
 *
 * @module
 */

import type { z } from "zod";
import type { Engine } from "../../engine/engine.ts";
import type { HttpLimits } from "./http_limits.ts";
import type { HttpMetrics } from "./http_metrics.ts";

/** Methods of routes; `ANY` is all of them. */
export type RouteMethod = "GET" | "POST" | "PUT" | "DELETE" | "ANY";

/** What a route takes as its body. */
export type RouteBody<Body> =
  /** JSON that fits the schema. `isOptional`: no body is as good as `{}`. */
  | {
    readonly kind: "json";
    readonly schema: z.ZodType<Body>;
    readonly isOptional?: boolean;
    /** Whatever content type it comes with, as invocations do. */
    readonly isAnyType?: boolean;
  }
  /** TypeScript source, under any of its media types. */
  | { readonly kind: "source" }
  /** Bytes that the handler hands on as they are. */
  | { readonly kind: "bytes"; readonly description: string };

/** One kind of reply. */
export interface RouteReply {
  /** HTTP status. */
  readonly status: number;
  /** For people. */
  readonly description: string;
  /** Schema of JSON; left out where the reply is something else or nothing. */
  readonly schema?: z.ZodType;
  /** Default: `application/json` with a schema, nothing without. */
  readonly type?: string;
}

/** One call of a route's handler, with everything checked. */
export interface RouteCall<Query, Body> {
  /** What the handler calls. */
  readonly engine: Engine;
  /** Bounds that the handler keeps. */
  readonly limits: HttpLimits;
  /** What the adapter counted of itself. */
  readonly metrics: HttpMetrics;
  /** The request itself; its body is read already. */
  readonly request: Request;
  /** Values of `{name}` in the path. */
  readonly params: Readonly<Record<string, string>>;
  /** What the schema of the query made of it. */
  readonly query: Query;
  /** What the body is, as the route takes it. */
  readonly body: Body;
  /** Aborted when the client is gone or the runtime stops. */
  readonly signal: AbortSignal;
  /** Keeps the signal alive until the promise settles, for replies that go on after the handler. */
  readonly extend: (until: Promise<unknown>) => void;
  /** Whether requests present the runtime's token. */
  readonly isTokenRequired: boolean;
}

/** A row of the table. */
export interface Route<Query = unknown, Body = unknown> {
  /** Of a method and a path there is one row. */
  readonly method: RouteMethod;
  /** Segments, of which `{name}` matches any, and a last `*` matches all that follow. */
  readonly path: string;
  /** One line for people. */
  readonly summary: string;
  /** Group in the documentation. */
  readonly tag: string;
  /** Schemas of `{name}` in the path; text where one is not named. */
  readonly params?: Readonly<Record<string, z.ZodType<string>>>;
  /** Schema of the query: an object of optional text. Unknown names are refused. */
  readonly query?: z.ZodType<Query>;
  /** Left out: a body is not read. */
  readonly body?: RouteBody<Body>;
  /** Kinds of success; what fails is a problem document. */
  readonly replies: readonly RouteReply[];
  /** Whether anyone may ask, token or not. */
  readonly isOpen?: boolean;
  /** Answers a call; what it throws becomes a problem document. */
  readonly handle: (call: RouteCall<Query, Body>) => Response | Promise<Response>;
}

/** Types a row by its schemas. */
export function defineRoute<Query, Body>(route: Route<Query, Body>): Route {
  return route as unknown as Route;
}
