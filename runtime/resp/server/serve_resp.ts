/**
 * The RESP adapter: a Redis server to its clients, with the commands of this project added.
 *
 * @module
 */

import type { RedisAddress } from "../../../redis/redis_url.ts";
import type { Engine } from "../../engine/engine.ts";
import { writeAll } from "../requests/client_sink.ts";
import { ClientConnection } from "./client_connection.ts";
import { RESP_LIMITS, type RespLimits } from "../replies/resp_limits.ts";

/** What the adapter works with. */
export interface RespOptions {
  /** Port 0 takes a free one. */
  readonly listen: { readonly hostname: string; readonly port: number };
  /** What commands of ours are handed to. */
  readonly engine: Engine;
  /** Where commands that are not ours go. Credentials in it are not used: a client has its own. */
  readonly redis: RedisAddress;
  /** Default: {@linkcode RESP_LIMITS}. */
  readonly limits?: Partial<RespLimits>;
  /** Told what failed, with what was thrown if that was not foreseen. */
  readonly log: (message: string, failure?: unknown) => void;
}

/** A running adapter. Disposing it closes every client and aborts what runs for them. */
export interface RespServer extends AsyncDisposable {
  /** Where it listens. */
  readonly address: { readonly hostname: string; readonly port: number };
  /** Clients at the moment. */
  readonly clients: number;
}

/** How often stale clients are looked for. */
const SWEEP_MS = 1_000;
const TOO_MANY = new TextEncoder().encode("-ERR max number of clients reached\r\n");

/**
 * Begins to serve.
 *
 * @throws what `Deno.listen` throws, such as `AddrInUse`
 */
export function serveResp(options: RespOptions): RespServer {
  const limits = { ...RESP_LIMITS, ...options.limits };
  const context = { ...options, limits };
  const listener = Deno.listen({ ...options.listen, transport: "tcp" });
  const clients = new Map<ClientConnection, Promise<void>>();

  const accept = (conn: Deno.TcpConn): void => {
    const client = new ClientConnection(conn, context);
    clients.set(client, client.run().finally(() => clients.delete(client)));
  };
  const accepting = acceptAll(listener, (conn) => {
    if (clients.size < limits.maxClients) accept(conn);
    else writeAll(conn, TOO_MANY).catch(() => {}).finally(() => conn.close());
  });
  const sweeper = setInterval(() => {
    const nowMs = performance.now();
    for (const client of clients.keys()) client.closeIfStale(nowMs);
  }, SWEEP_MS);

  return {
    address: { hostname: listener.addr.hostname, port: listener.addr.port },
    get clients() {
      return clients.size;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(sweeper);
      listener.close();
      await accepting;
      for (const client of clients.keys()) client.close();
      await Promise.all(clients.values());
    },
  };
}

/** Accepts connections until the listener is closed. */
async function acceptAll(
  listener: Deno.TcpListener,
  accept: (conn: Deno.TcpConn) => void,
): Promise<void> {
  while (true) {
    try {
      const conn = await listener.accept();
      conn.setNoDelay(true);
      accept(conn);
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
        return;
      }
      // Out of file descriptors, or a client that left at once: neither ends the server.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
