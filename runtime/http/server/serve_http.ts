/**
 * The HTTP adapter: a server of the routes in the route table.
 *
 * @module
 */

import type { Engine } from "../../engine/engine.ts";
import {
  type Connection,
  Connections,
  findServeConnection,
  type ServeConnection,
} from "./connections.ts";
import { Guard } from "./guard.ts";
import { HttpHandler } from "./http_handler.ts";
import { HTTP_LIMITS, type HttpLimits } from "../reply/http_limits.ts";

/** What the adapter works with. */
export interface HttpOptions {
  /** Port 0 takes a free one. */
  readonly listen: { readonly hostname: string; readonly port: number };
  /** What requests are handed to. */
  readonly engine: Engine;
  /** What `authorization: Bearer` must carry; without it anyone who reaches the port may ask. */
  readonly token?: string;
  /** Default: {@linkcode HTTP_LIMITS}. */
  readonly limits?: Partial<HttpLimits>;
  /** Default: what this Deno has. Without it connections are neither counted nor cut off. */
  readonly serveConnection?: ServeConnection | null;
  /** Told what failed, with what was thrown if that was not foreseen. */
  readonly log: (message: string, failure?: unknown) => void;
}

/** A running adapter. Disposing it aborts what runs, answers it with an error and closes. */
export interface HttpServer extends AsyncDisposable {
  /** Where it listens. */
  readonly address: { readonly hostname: string; readonly port: number };
}

/** How long replies may take to end when the adapter stops; then their connections are cut. */
const SHUTDOWN_MS = 1_000;

/**
 * Begins to serve.
 *
 * @throws what `Deno.serve` throws, such as `AddrInUse`
 */
export function serveHttp(options: HttpOptions): HttpServer {
  const { engine, listen, log, token } = options;
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const handler = new HttpHandler({
    engine,
    guard: new Guard(token, listen.hostname),
    limits,
    log,
  });
  const { serveConnection = findServeConnection() } = options;
  if (!serveConnection) {
    log("This Deno cannot serve single connections: HTTP clients are neither counted nor cut off");
    return serveUnbounded(listen, handler);
  }
  const listener = Deno.listen({ ...listen, transport: "tcp" });
  const connections = new Connections(listener, serveConnection, handler, limits);
  const { hostname, port } = listener.addr as Deno.NetAddr;
  return {
    address: { hostname, port },
    async [Symbol.asyncDispose]() {
      handler[Symbol.dispose]();
      await connections.close(SHUTDOWN_MS);
    },
  };
}

function serveUnbounded(listen: HttpOptions["listen"], handler: HttpHandler): HttpServer {
  const stop = new AbortController();
  const connection: Connection = { active: 0, quietSinceMs: 0, hasAsked: false, cut() {} };
  const server = Deno.serve({
    ...listen,
    signal: stop.signal,
    onListen() {},
    onError: (error) => handler.fail(error),
  }, (request) => handler.handle(request, connection));
  const { hostname, port } = server.addr;
  return {
    address: { hostname, port },
    async [Symbol.asyncDispose]() {
      handler[Symbol.dispose]();
      const timer = setTimeout(() => stop.abort(), SHUTDOWN_MS);
      await server.shutdown();
      clearTimeout(timer);
    },
  };
}
