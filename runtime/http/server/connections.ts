/**
 * The connections of the HTTP adapter, each served on its own, so that they can be counted and cut
 * off: `Deno.serve` alone keeps every one of them for as long as the client likes.
 *
 * @module
 */

import { delay } from "@std/async";
import { CutSignal } from "./cut_signal.ts";
import type { HttpLimits } from "../reply/http_limits.ts";

/** One client's connection, as far as a request has to know it. */
export interface Connection {
  /** Requests on it that are not over. */
  active: number;
  /** When it began to have none, by `performance.now()`. */
  quietSinceMs: number;
  /** True if there has been a request. */
  hasAsked: boolean;
  /** Ends it at once. */
  cut(): void;
}

/** Handler of requests. */
export interface ConnectionHandler {
  /** Never rejects. */
  handle(request: Request, connection: Connection): Promise<Response>;
  /** Makes the response for a thrown value. */
  fail(error: unknown): Response;
}

/**
 * Function by which Deno serves one connection. Not documented: `Deno.serve` and its `node:http`
 * are built on it. Not documented: `Deno.serve` and its `node:http` are built on it.
 */
export type ServeConnection = (
  conn: Deno.TcpConn,
  signal: CutSignal,
  handler: (request: Request) => Promise<Response>,
  onError: (error: unknown) => Response,
  onListen: () => void,
) => Pick<Deno.HttpServer, "finished" | "shutdown">;

interface OpenConnection extends Connection {
  readonly server: ReturnType<ServeConnection>;
}

/** Time between two searches for idle connections. */
const SWEEP_MS = 500;
/** One that is full gives up a connection that has done nothing for so long. */
const MIN_QUIET_MS = 1_000;
const REFUSAL = new TextEncoder().encode(
  "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n" +
    "retry-after: 1\r\nconnection: close\r\n\r\n" +
    '{"title":"Too many clients","status":503,"code":"LIMIT_CLIENTS",' +
    '"detail":"Cannot take another connection: there are maxClients already; try again later"}',
);

/** Finds it in this Deno; undefined where it is not there any more. */
export function findServeConnection(): ServeConnection | undefined {
  const { internal } = Deno as unknown as { internal: symbol };
  const internals = (Deno as unknown as Record<symbol, Record<string, unknown>>)[internal];
  const serve = internals?.serveHttpOnConnection;
  return typeof serve === "function" ? serve as ServeConnection : undefined;
}

/** Serves, counts and closes connections. */
export class Connections {
  readonly #listener: Deno.TcpListener;
  readonly #serve: ServeConnection;
  readonly #handler: ConnectionHandler;
  readonly #limits: HttpLimits;
  readonly #open = new Set<OpenConnection>();
  readonly #accepting: Promise<void>;
  readonly #sweeper: ReturnType<typeof setInterval>;

  /** Begins to accept. */
  constructor(
    listener: Deno.TcpListener,
    serve: ServeConnection,
    handler: ConnectionHandler,
    limits: HttpLimits,
  ) {
    this.#listener = listener;
    this.#serve = serve;
    this.#handler = handler;
    this.#limits = limits;
    this.#accepting = this.#acceptAll();
    this.#sweeper = setInterval(() => this.#sweep(performance.now()), SWEEP_MS);
  }

  /** Number of them. */
  get size(): number {
    return this.#open.size;
  }

  /** Takes no more, lets those end that have a request, for `graceMs` at most. */
  async close(graceMs: number): Promise<void> {
    clearInterval(this.#sweeper);
    this.#listener.close();
    await this.#accepting;
    const ends = Array.from(this.#open, async ({ server, active, cut }) => {
      if (active === 0) cut();
      else await server.shutdown();
    });
    const timer = setTimeout(() => this.#cutAll(), graceMs);
    await Promise.allSettled([...ends, ...Array.from(this.#open, ({ server }) => server.finished)]);
    clearTimeout(timer);
  }

  async #acceptAll(): Promise<void> {
    while (true) {
      try {
        const conn = await this.#listener.accept();
        if (this.#open.size < this.#limits.maxClients || this.#makeRoom()) this.#accept(conn);
        else void conn.write(REFUSAL).catch(() => {}).finally(() => conn.close());
      } catch (error) {
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
          return;
        }
        // Out of file descriptors, or a client that left at once: neither ends the server.
        await delay(10);
      }
    }
  }

  #accept(conn: Deno.TcpConn): void {
    conn.setNoDelay(true);
    const signal = new CutSignal();
    const server = this.#serve(
      conn,
      signal,
      (request) => this.#handler.handle(request, connection),
      (error) => this.#handler.fail(error),
      () => {},
    );
    const connection: OpenConnection = {
      active: 0,
      quietSinceMs: performance.now(),
      hasAsked: false,
      cut: () => signal.cut(),
      server,
    };
    this.#open.add(connection);
    const forget = () => {
      this.#open.delete(connection);
      // One that ended by a malformed request still holds its resource.
      server.shutdown().catch(() => {});
    };
    server.finished.then(forget, forget);
  }

  /** Gives up the connection that has done nothing for the longest time; whether there is one. */
  #makeRoom(): boolean {
    let quietest: OpenConnection | undefined;
    for (const connection of this.#open) {
      if (connection.active > 0) continue;
      if (quietest === undefined || connection.quietSinceMs < quietest.quietSinceMs) {
        quietest = connection;
      }
    }
    if (quietest === undefined || performance.now() - quietest.quietSinceMs < MIN_QUIET_MS) {
      return false;
    }
    this.#open.delete(quietest);
    quietest.cut();
    return true;
  }

  #sweep(nowMs: number): void {
    const { headerTimeoutMs, maxIdleMs } = this.#limits;
    for (const { active, quietSinceMs, hasAsked, cut } of this.#open) {
      if (active > 0) continue;
      if (nowMs - quietSinceMs > (hasAsked ? maxIdleMs : headerTimeoutMs)) cut();
    }
  }

  #cutAll(): void {
    for (const { cut } of this.#open) cut();
  }
}
