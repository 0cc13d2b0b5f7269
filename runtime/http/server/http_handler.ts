/**
 * What becomes of one request: its route is found, it is let in, checked and handed to the handler of
 * the route; whatever is thrown on the way becomes a problem document.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Connection, ConnectionHandler } from "./connections.ts";
import type { Guard } from "./guard.ts";
import type { HttpLimits } from "../reply/http_limits.ts";
import { HttpMetrics } from "../reply/http_metrics.ts";
import { type InvokePath, parseInvokePath } from "../routes/invoke_path.ts";
import { type RouteMatch, Router } from "./match_route.ts";
import { parseBody, parseParams, parseQuery } from "./parse_call.ts";
import { type PendingRequest, PendingRequests } from "./pending_requests.ts";
import { problemReply } from "../reply/problem.ts";
import { readBody } from "./read_body.ts";
import { ROUTE_TABLE } from "../routes/route_table.ts";

/** What a handler works with. */
export interface HttpHandlerOptions {
  /** What requests are handed to. */
  readonly engine: Engine;
  /** Lets requests in. */
  readonly guard: Guard;
  /** Bounds of all requests. */
  readonly limits: HttpLimits;
  /** Told what failed, with what was thrown if that was not foreseen. */
  readonly log: (message: string, failure?: unknown) => void;
}

/** What the metrics call a request that no route is for. */
const NO_ROUTE = "other";
const INVOKE_ROUTE = "/invoke/{library}/{export}";

/** Where the parts of a URL begin. */
interface Target {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Still encoded. */
  readonly path: string;
  readonly query: string;
}

/** Handles requests. Disposing it aborts those that are at work and refuses new ones. */
export class HttpHandler implements ConnectionHandler, Disposable {
  readonly #options: HttpHandlerOptions;
  readonly #metrics = new HttpMetrics();
  readonly #pending: PendingRequests;
  readonly #router = new Router(ROUTE_TABLE);
  #isStopping = false;

  /** Handles requests from now on. */
  constructor(options: HttpHandlerOptions) {
    this.#options = options;
    this.#pending = new PendingRequests(options.limits.watchAfterMs, options.limits.bodyTimeoutMs);
  }

  /** Answers a request. Never rejects. */
  handle(request: Request, connection: Connection): Promise<Response> {
    const { url } = request;
    const pathStart = findPath(url);
    const invoked = request.method === "POST" ? parseInvokePath(url, pathStart) : undefined;
    return invoked === undefined
      ? this.#serve(request, connection, splitUrl(url, pathStart))
      : this.#invoke(request, connection, url.slice(0, pathStart), invoked);
  }

  /** A thrown value as a response. */
  fail(error: unknown): Response {
    const { code, cause } = PinionError.from(error);
    if (code === "INTERNAL") this.#options.log("An HTTP request failed", cause ?? error);
    return problemReply(error);
  }

  /** Aborts what is at work and refuses what comes. */
  [Symbol.dispose](): void {
    this.#isStopping = true;
    this.#pending[Symbol.dispose]();
  }

  /** The hot path: nothing but what an invocation needs. */
  async #invoke(
    request: Request,
    connection: Connection,
    origin: string,
    path: InvokePath,
  ): Promise<Response> {
    const { engine, guard, limits } = this.#options;
    const pending = this.#pending.begin(request, connection);
    let response: Response;
    try {
      this.#checkUp();
      const { headers } = request;
      guard.check(headers, origin);
      let body = NO_BYTES;
      if (headers.get("content-length") !== "0") {
        pending.isReading = true;
        body = await readBody(request, limits.maxBodyBytes);
        pending.isReading = false;
      }
      const { signal } = pending.controller;
      const result = await engine.invoke(path.library, path.exportName, body, { signal });
      response = new Response(result, INVOKE_INIT);
    } catch (error) {
      response = this.fail(error);
    }
    this.#end(pending, INVOKE_ROUTE, response);
    return response;
  }

  /** Every other request. */
  async #serve(request: Request, connection: Connection, target: Target): Promise<Response> {
    const pending = this.#pending.begin(request, connection);
    let route = NO_ROUTE;
    let response: Response;
    try {
      this.#checkUp();
      const match = this.#router.match(request.method, target.path);
      if ("route" in match) route = match.route.path;
      response = "route" in match
        ? await this.#call(pending, target, match)
        : this.#miss(request, target, match.allow);
    } catch (error) {
      response = this.fail(error);
    }
    this.#end(pending, route, response);
    return response;
  }

  #checkUp(): void {
    if (this.#isStopping) throw new PinionError("SHUTTING_DOWN", "The runtime is shutting down");
  }

  #end(pending: PendingRequest, route: string, { status }: Response): void {
    const nowMs = performance.now();
    this.#pending.end(pending, nowMs);
    this.#metrics.observe(route, status, nowMs - pending.startedMs);
  }

  async #call(
    pending: PendingRequest,
    { origin, query }: Target,
    { route, params }: RouteMatch,
  ): Promise<Response> {
    const { engine, guard, limits } = this.#options;
    const { request, controller } = pending;
    if (!route.isOpen) guard.check(request.headers, origin);
    pending.isReading = true;
    const body = await parseBody(route, request, limits.maxBodyBytes);
    pending.isReading = false;
    return await route.handle({
      engine,
      limits,
      request,
      metrics: this.#metrics,
      params: parseParams(route, params),
      query: parseQuery(route, new URLSearchParams(query)),
      body,
      signal: controller.signal,
      extend: (until) => this.#pending.extend(pending, until),
      isTokenRequired: guard.isTokenRequired,
    });
  }

  #miss(request: Request, { origin, path }: Target, allow: readonly string[]): Response {
    this.#options.guard.check(request.headers, origin);
    if (allow.length === 0) {
      throw new PinionError("NOT_FOUND", "There is no such path; GET / lists the routes");
    }
    const methods = allow.join(", ");
    return problemReply(
      new PinionError(
        "METHOD_NOT_ALLOWED",
        `Cannot ${request.method} ${path}: expected ${methods.replaceAll(", ", " or ")}`,
      ),
      { allow: methods },
    );
  }
}

const NO_BYTES = new Uint8Array(0);
/** Replies to POST are not cached unless they say so; each header more costs 3 % of the rate. */
const INVOKE_INIT: ResponseInit = { headers: { "content-type": "application/json" } };

/** Where the path of a URL begins; its end if there is none. */
function findPath(url: string): number {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  return start < 0 ? url.length : start;
}

function splitUrl(url: string, pathStart: number): Target {
  const queryStart = url.indexOf("?", pathStart);
  const pathEnd = queryStart < 0 ? url.length : queryStart;
  return {
    origin: url.slice(0, pathStart),
    path: url.slice(pathStart, pathEnd) || "/",
    query: url.slice(pathEnd + 1),
  };
}
