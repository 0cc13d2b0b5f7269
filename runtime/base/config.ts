/**
 * Options of one shard's runtime in three stages: given, checked, resolved.
 *
 * @module
 */

import { z } from "zod";
import { PinionError } from "../../errors.ts";
import { DEFAULT_LIMITS, type SessionLimits } from "../../contract/isolate/session_limits.ts";
import { DEFAULT_POOL, type PoolOptions } from "../../contract/isolate/pool_options.ts";

/** Address to listen on. */
export interface ListenAddress {
  readonly hostname: string;
  readonly port: number;
}

/** `HOST:PORT`, port 0 for a free one; `[::1]:80` for IPv6. */
const ListenAddress = z.string().transform((text, context): ListenAddress => {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    context.addIssue({
      code: "custom",
      message: `expected HOST:PORT, got ${JSON.stringify(text)}`,
    });
    return z.NEVER;
  }
  return { hostname: match[1].replace(/^\[|\]$/g, ""), port };
});

/** `HOST:PORT`, as it is read. */
export function formatAddress({ hostname, port }: ListenAddress): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

const Count = z.int().min(1);

/** Limits of user code: see `isolate/limits.ts`. */
const Limits = z.strictObject({
  memoryMb: Count.max(65_536),
  cpuSoftMs: Count,
  cpuHardMs: Count,
  loadTimeoutMs: Count,
  invocationTimeoutMs: Count,
  executionTimeoutMs: Count,
  resultBytes: Count,
  logLinesPerSecond: Count,
}).partial();

/** Settings of a shard: the flags of `start`, or the same names in a JSON file. */
export const ShardConfig = z.strictObject({
  /** URL of the shard's Redis. */
  redis: z.string(),
  resp: ListenAddress.default({ hostname: "127.0.0.1", port: 6380 }),
  http: ListenAddress.default({ hostname: "127.0.0.1", port: 7480 }),
  mesh: ListenAddress.default({ hostname: "127.0.0.1", port: 7481 }),
  /** Host by which other runtimes reach this one. Default: that of `mesh`, or of its Redis. */
  advertise: z.string().min(1).optional(),
  /**
   * Secret that every runtime of a cluster knows. Default: a random text that they keep in Redis.
   * Default: a random text that they keep in Redis.
   */
  meshSecret: z.string().min(16).optional(),
  /** Files in PEM: the mesh speaks TLS, and both sides show a certificate of these authorities. */
  meshTls: z.strictObject({
    certificate: z.string(),
    key: z.string(),
    authorities: z.array(z.string()).min(1),
  }).optional(),
  /** Token that `authorization: Bearer` must carry. */
  token: z.string().min(1).optional(),
  /** Values that libraries may ask for by name (`secrets` of their manifest). */
  secrets: z.record(z.string(), z.string()).default({}),
  /** Passwords of Redis ACL users that libraries may run as (`redisUser` of their manifest). */
  redisUsers: z.record(z.string(), z.string()).default({}),
  limits: Limits.default({}),
  isolates: z.strictObject({ prestarted: z.int().min(0).max(64), maxIsolates: Count }).partial()
    .default({}),
  /** Clients of the HTTP and of the RESP adapter, of each so many at a time. */
  maxClients: Count.max(1_000_000).default(10_000),
  /** Greatest body and script, in bytes. */
  maxBodyBytes: Count.max(256 * 1024 * 1024).default(8 * 1024 * 1024),
});

/** Options as given. */
export type ShardOptions = z.input<typeof ShardConfig>;

/** Options with every default filled in. */
export interface ResolvedConfig {
  readonly redis: string;
  readonly resp: ListenAddress;
  readonly http: ListenAddress;
  readonly mesh: ListenAddress;
  readonly advertise?: string;
  readonly meshSecret?: string;
  readonly meshTls?: {
    readonly certificate: string;
    readonly key: string;
    readonly authorities: readonly string[];
  };
  readonly token?: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly redisUsers: Readonly<Record<string, string>>;
  readonly limits: SessionLimits;
  readonly isolates: PoolOptions;
  readonly maxClients: number;
  readonly maxBodyBytes: number;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

/** Checks options and fills in defaults. @throws `BAD_ARGUMENT` that names the option */
export function resolveConfig(options: unknown): ResolvedConfig {
  const parsed = ShardConfig.safeParse(options);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new PinionError(
      "BAD_ARGUMENT",
      `Cannot use option "${issue.path.join(".") || "options"}": ${issue.message}`,
    );
  }
  const config = parsed.data;
  for (const name of ["http", "mesh"] as const) {
    if (config.token === undefined && !LOOPBACK.test(config[name].hostname)) {
      throw new PinionError(
        "BAD_ARGUMENT",
        `Cannot listen for ${name} on ${config[name].hostname} without a token: ` +
          "anyone who reaches it could run code; give --token, or listen on 127.0.0.1",
      );
    }
  }
  return {
    ...config,
    limits: { ...DEFAULT_LIMITS, ...config.limits },
    isolates: { ...DEFAULT_POOL, ...config.isolates },
  };
}
