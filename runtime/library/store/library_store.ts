/**
 * Libraries in Redis. A cluster has them once: they share a slot.
 *
 * ```text
 * __pinion:{libraries}          set of names
 * __pinion:{libraries}:NAME     hash: current, next, version:1, version:2, …   (JSON of StoredVersion)
 * ```
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { Cluster, Redis } from "ioredis";
import { z } from "zod";
import { StoredRegistration } from "../../../contract/api/registration_info.ts";
import { DeployLease } from "./deploy_lease.ts";
import { LibraryExport, LibraryManifest } from "../../../contract/api/library_info.ts";

const NAMES_KEY = "__pinion:{libraries}";
/** Versions of a library that are kept. */
export const MAX_VERSIONS = 10;

/** One version as it is kept. */
export const StoredVersion = z.strictObject({
  /** A script is kept because it registers; its name is the id of its session. */
  kind: z.enum(["library", "script"]).default("library"),
  source: z.string(),
  sourceMap: z.string().optional(),
  /** Reads of a script's top level where it was received, as base64. */
  recording: z.string().optional(),
  manifest: LibraryManifest,
  /** Hex SHA-256 of the source, and of what a script read. */
  hash: z.string(),
  /** ISO 8601. */
  deployedAt: z.string(),
  exports: z.array(LibraryExport),
  /** In the order in which the module makes them. */
  registrations: z.array(StoredRegistration).default([]),
});

/** Data of {@linkcode StoredVersion}. */
export type StoredVersion = z.infer<typeof StoredVersion>;

/** A library as it is kept. */
export interface StoredLibrary {
  readonly name: string;
  readonly current: number;
  /** By number, oldest first. */
  readonly versions: ReadonlyMap<number, StoredVersion>;
}

/** Reads and writes libraries. Rejects with what ioredis says where Redis cannot be reached. */
export class LibraryStore {
  readonly #connection: () => Redis | Cluster;

  /** @param connection The one to use now: a node may be alone in its cluster at first. */
  constructor(connection: () => Redis | Cluster) {
    this.#connection = connection;
  }

  /** All libraries; those that cannot be read are passed to `onBroken`. */
  async loadAll(onBroken: (name: string, error: unknown) => void): Promise<StoredLibrary[]> {
    const libraries: StoredLibrary[] = [];
    for (const name of await this.#redis.smembers(NAMES_KEY)) {
      try {
        const library = parse(name, await this.#redis.hgetall(keyOf(name)));
        if (library !== null) libraries.push(library);
      } catch (error) {
        onBroken(name, error);
      }
    }
    return libraries;
  }

  /** One library; null if there is none of this name. @throws Error if it cannot be read */
  async load(name: string): Promise<StoredLibrary | null> {
    return parse(name, await this.#redis.hgetall(keyOf(name)));
  }

  /** Waits until nobody else in the cluster changes a library. @throws `LIBRARY_BUSY` */
  lease(name: string): Promise<DeployLease> {
    return DeployLease.acquire(this.#redis, name);
  }

  /** Adds a version and makes it the current one, in one transaction; `replaced` is removed. */
  async addVersion(
    name: string,
    version: number,
    stored: StoredVersion,
    replaced?: string,
  ): Promise<void> {
    const transaction = this.#redis.multi()
      .sadd(NAMES_KEY, name)
      .hset(keyOf(name), {
        current: version,
        next: version + 1,
        [`version:${version}`]: JSON.stringify(stored),
      })
      .hdel(keyOf(name), `version:${version - MAX_VERSIONS}`);
    if (replaced !== undefined && replaced !== name) {
      transaction.srem(NAMES_KEY, replaced).del(keyOf(replaced));
    }
    await run(transaction);
  }

  /** Makes a kept version the current one; it is written anew, should Redis have lost it. */
  async setCurrent(name: string, version: number, stored: StoredVersion): Promise<void> {
    await run(
      this.#redis.multi().sadd(NAMES_KEY, name).hset(keyOf(name), {
        current: version,
        [`version:${version}`]: JSON.stringify(stored),
      }),
    );
  }

  /** Number of the next version: numbers are never used twice while the library lives. */
  async nextVersion(name: string): Promise<number> {
    return Number(await this.#redis.hget(keyOf(name), "next") ?? 1);
  }

  async remove(name: string): Promise<void> {
    await run(this.#redis.multi().srem(NAMES_KEY, name).del(keyOf(name)));
  }

  get #redis(): Redis | Cluster {
    return this.#connection();
  }
}

function keyOf(name: string): string {
  return `${NAMES_KEY}:${name}`;
}

/** Runs a transaction. @throws the first error of its commands */
async function run(transaction: ReturnType<Redis["multi"]>): Promise<void> {
  const replies = await transaction.exec();
  const failed = replies?.find(([error]) => error !== null);
  if (failed) throw failed[0];
}

function parse(name: string, fields: Readonly<Record<string, string>>): StoredLibrary | null {
  if (Object.keys(fields).length === 0) return null;
  const versions = Object.entries(fields)
    .filter(([field]) => field.startsWith("version:"))
    .map(([field, json]): [number, StoredVersion] => [
      Number(field.slice("version:".length)),
      StoredVersion.parse(JSON.parse(json)),
    ])
    .sort(([a], [b]) => a - b);
  const library = { name, current: Number(fields.current), versions: new Map(versions) };
  if (library.versions.has(library.current)) return library;
  throw new PinionError("INTERNAL", `its current version ${fields.current} is missing`);
}
