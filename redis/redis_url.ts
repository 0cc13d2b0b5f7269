/**
 * Addresses of a Redis, and the texts that people write for them.
 *
 * Configuration is parsed by it; links take the result. No message of it holds any part of the
 * text, which may hold a password.
 *
 * @module
 */

import { PinionError } from "../errors.ts";

/** Address of a Redis and the credentials for it. */
export interface RedisAddress {
  /** Host name or IP address, IPv6 without brackets. */
  readonly host: string;
  /** TCP port, 1 to 65535. */
  readonly port: number;
  /** ACL user; the default user where there is none. */
  readonly username?: string;
  /** Secret of the user. */
  readonly password?: string;
  /** Number of the database, 0 in a cluster. */
  readonly db: number;
  /** True if the connection is encrypted. */
  readonly tls: boolean;
}

/** An ACL user. */
export interface RedisUser {
  readonly username: string;
  readonly password: string;
}

/** The same place for another user; where the address changes, so does this one. */
export function asUser(address: RedisAddress, user: RedisUser): RedisAddress {
  return {
    ...user,
    get host() {
      return address.host;
    },
    get port() {
      return address.port;
    },
    get db() {
      return address.db;
    },
    get tls() {
      return address.tls;
    },
  };
}

/** True if a scheme means TLS. */
const TLS_OF_SCHEME: Readonly<Record<string, boolean>> = {
  "redis:": false,
  "rediss:": true,
  "valkey:": false,
  "valkeys:": true,
};
const DEFAULT_PORT = 6379;

/**
 * Reads `redis://[[user]:password@]host[:port][/db]`, `rediss://…` for TLS (`valkey://` and
 * `valkeys://` mean the same), or the same without a scheme: `host:port`, `host`.
 *
 * User and password may be percent-encoded, and have to be where they hold `/`, `?`, `#`, `%` or
 * `@`. Defaults: port 6379, database 0.
 *
 * @throws {PinionError} `BAD_ARGUMENT`
 *
 * @example
 * ```ts
 * import { parseRedisUrl } from "./redis_url.ts";
 *
 * parseRedisUrl("localhost"); // { host: "localhost", port: 6379, db: 0, tls: false }
 * ```
 */
export function parseRedisUrl(url: string): RedisAddress {
  const text = url.trim();
  const parsed = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `redis://${text}`);
  if (parsed === null) throw refuse("a URL such as redis://host:6379/0", "text that is none");
  const tls = TLS_OF_SCHEME[parsed.protocol];
  if (tls === undefined) throw refuse("the scheme redis or rediss", "another one");
  const host = decodePart(parsed.hostname.replace(/^\[(.*)\]$/, "$1"), "host");
  if (host === "") throw refuse("a host", "none");
  if (parsed.search !== "" || parsed.hash !== "") {
    throw refuse('nothing behind the database (is a "?" or "#" not percent-encoded?)', "more");
  }
  const port = parsed.port === "" ? DEFAULT_PORT : Number(parsed.port);
  if (port === 0) throw refuse("a port from 1 to 65535", "0");
  const username = decodePart(parsed.username, "user");
  const password = decodePart(parsed.password, "password");
  return {
    host,
    port,
    ...(username !== "" && { username }),
    ...(password !== "" && { password }),
    db: parseDb(parsed.pathname),
    tls,
  };
}

/** The address as a URL for people: without the password. */
export function formatRedisUrl(address: RedisAddress): string {
  const user = address.username === undefined ? "" : `${encodeURIComponent(address.username)}@`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  const db = address.db === 0 ? "" : `/${address.db}`;
  return `${address.tls ? "rediss" : "redis"}://${user}${host}:${address.port}${db}`;
}

function parseDb(path: string): number {
  if (path === "" || path === "/") return 0;
  if (!/^\/\d{1,9}$/.test(path)) throw refuse("a database as /0, /1 and so on", "another path");
  return Number(path.slice(1));
}

function decodePart(text: string, name: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse(`a percent-encoded ${name}`, "a percent sign that encodes nothing");
  }
}

function refuse(expected: string, got: string): PinionError {
  return new PinionError(
    "BAD_ARGUMENT",
    `Cannot read the address of Redis: expected ${expected}, got ${got}`,
  );
}
