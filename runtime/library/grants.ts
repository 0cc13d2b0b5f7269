/**
 * Turns what a manifest asks for by name into what a session is given.
 *
 * @module
 */

import { PinionError } from "../../errors.ts";
import type { RedisUser } from "../../redis/redis_url.ts";
import type { LibraryManifest } from "../../contract/api/library_info.ts";

/** What the runtime's config has to give. */
export interface GrantableConfig {
  readonly secrets: Readonly<Record<string, string>>;
  readonly redisUsers: Readonly<Record<string, string>>;
}

/** What a session of a library gets. */
export interface Grants {
  /** Values of `env`, secrets included. */
  readonly env: Readonly<Record<string, string>>;
  readonly redisUser?: RedisUser;
}

/** @throws `BAD_ARGUMENT` that names what the config does not have */
export function resolveGrants(manifest: LibraryManifest, config: GrantableConfig): Grants {
  const env: Record<string, string> = { ...manifest.env };
  for (const name of manifest.secrets) {
    env[name] = lookUp(config.secrets, name, "secret", "secrets");
  }
  const redisUser = redisUserOf(manifest, config);
  return { env, ...(redisUser !== undefined && { redisUser }) };
}

/** Who a library's code is in Redis; undefined: the runtime's own user. @throws as `resolveGrants` */
export function redisUserOf(
  { redisUser: username }: LibraryManifest,
  config: GrantableConfig,
): RedisUser | undefined {
  if (username === undefined) return undefined;
  return { username, password: lookUp(config.redisUsers, username, "Redis user", "redisUsers") };
}

function lookUp(
  values: Readonly<Record<string, string>>,
  name: string,
  what: string,
  field: string,
): string {
  if (Object.hasOwn(values, name)) return values[name];
  throw new PinionError(
    "BAD_ARGUMENT",
    `The manifest names the ${what} ${JSON.stringify(name)}, which this runtime does not have; ` +
      `add it to "${field}" in the file of --config`,
  );
}
