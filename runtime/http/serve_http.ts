/**
 * The HTTP adapter: a server of the routes in the route table.
 *
 * @module
 */

import type { Engine } from "../engine.ts";
import { Guard } from "./guard.ts";
import { HttpHandler } from "./http_handler.ts";
import { HTTP_LIMITS, type HttpLimits } from "./http_limits.ts";

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
  const guard = new Guard(token, listen.hostname);
  const handler = new HttpHandler({
    engine,
    guard,
    limits: { ...HTTP_LIMITS, ...options.limits },
    log,
  });
  const stop = new AbortController();
  const server = Deno.serve({
    ...listen,
    signal: stop.signal,
    onListen() {},
    onError: (error) => handler.fail(error),
  }, (request) => handler.handle(request));
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
