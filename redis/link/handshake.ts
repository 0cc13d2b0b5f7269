/**
 * Opens connections: TCP or TLS, then AUTH, SELECT and a PING that proves that the server serves.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import type { RedisAddress } from "../redis_url.ts";
import { RespDecoder, RespError } from "../resp_decoder.ts";
import { type RespArgument, RespEncoder } from "../resp_encoder.ts";

/** A connection: both kinds look alike. */
export type RedisConnection = Deno.TcpConn | Deno.TlsConn;

/** Commands to send before any other. */
export interface Greeting {
  /** The commands as RESP. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Names of the commands, one per reply. */
  readonly commands: readonly string[];
}

/** First words of errors after which the same server may serve soon. */
const NOT_YET = ["LOADING", "MASTERDOWN", "BUSY", "TRYAGAIN", "CLUSTERDOWN"];

/**
 * A connection with TCP_NODELAY.
 *
 * @throws {PinionError} `REDIS_UNAVAILABLE`
 */
export async function openConnection(
  address: RedisAddress,
  signal: AbortSignal,
): Promise<RedisConnection> {
  let connection: Deno.TcpConn | undefined;
  try {
    connection = await Deno.connect({ hostname: address.host, port: address.port, signal });
    connection.setNoDelay(true);
    if (!address.tls) return connection;
    const secure = await Deno.startTls(connection, { hostname: address.host });
    connection = undefined;
    await closeOnAbort(secure, signal, () => secure.handshake());
    return secure;
  } catch (error) {
    tryClose(connection);
    if (signal.aborted) throw signal.reason;
    throw toUnavailable(error);
  }
}

/**
 * Encodes the first commands of a connection: AUTH and SELECT where the address asks for them, the
 * name, a PING.
 */
export function createGreeting(address: RedisAddress, name?: string): Greeting {
  const encoder = new RespEncoder(256);
  const commands: string[] = [];
  const add = (command: string, args: readonly RespArgument[]) => {
    encoder.command([...command.split(" "), ...args]);
    commands.push(command);
  };
  if (address.password !== undefined) {
    const user = address.username === undefined ? [] : [address.username];
    add("AUTH", [...user, address.password]);
  }
  if (address.db !== 0) add("SELECT", [address.db]);
  if (name !== undefined) add("CLIENT SETNAME", [name]);
  add("PING", []);
  return { bytes: encoder.take(), commands };
}

/**
 * Looks at the replies to a greeting. A refused name is of no matter.
 *
 * @throws {PinionError} `REDIS_REFUSED`, or `REDIS_UNAVAILABLE` where the server is still loading.
 */
export function checkGreeting(commands: readonly string[], replies: Uint8Array): void {
  const decoder = new RespDecoder(replies);
  for (const command of commands) {
    const reply = decoder.next();
    if (!(reply instanceof RespError) || command === "CLIENT SETNAME") continue;
    if (NOT_YET.includes(reply.code)) {
      throw new PinionError("REDIS_UNAVAILABLE", `Redis does not serve yet: ${reply.code}`);
    }
    // A server that does not know AUTH repeats its arguments.
    const why = command === "AUTH" ? reply.code : reply.message;
    throw new PinionError("REDIS_REFUSED", `Redis refused ${command}: ${why}`);
  }
}

/** Any failure of a connection as `REDIS_UNAVAILABLE`, without an address. */
export function toUnavailable(error: unknown): PinionError {
  if (error instanceof PinionError) return error;
  return new PinionError("REDIS_UNAVAILABLE", `Redis cannot be reached: ${describe(error)}`, {
    cause: error,
  });
}

/** Runs an operation on a connection, which an abort closes. */
export async function closeOnAbort<T>(
  connection: RedisConnection,
  signal: AbortSignal,
  run: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const close = () => tryClose(connection);
  signal.addEventListener("abort", close, { once: true });
  try {
    const result = await run();
    signal.throwIfAborted();
    return result;
  } catch (error) {
    close();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", close);
  }
}

/** Closes a connection that may be closed already. */
export function tryClose(connection: RedisConnection | undefined): void {
  try {
    connection?.close();
  } catch {
    // Closed already.
  }
}

function describe(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionRefused) return "nothing listens there";
  if (error instanceof Deno.errors.ConnectionReset) return "the connection was reset";
  if (error instanceof Deno.errors.BrokenPipe) return "the connection has ended";
  if (error instanceof Deno.errors.UnexpectedEof) return "the connection has ended";
  if (error instanceof Deno.errors.InvalidData) {
    return "TLS failed (a port without TLS, or a certificate that is not trusted)";
  }
  if (error instanceof Deno.errors.NotCapable) return "the process lacks the right to connect";
  return "the network failed or the name is unknown";
}
