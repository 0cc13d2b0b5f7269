/**
 * A deployed library: its manifest and its versions.
 *
 * @module
 */

import { z } from "zod";

/** Names of libraries, as in routes and keys. */
export const LibraryName = z.string().regex(
  /^[A-Za-z0-9_-]{1,64}$/,
  "expected 1 to 64 of A-Z, a-z, 0-9, - and _",
);

/** Grants and limits of a library. */
export const LibraryManifest = z.strictObject({
  description: z.string().max(1024).optional(),
  /** Names and values that `env` of the SDK shows to the functions. */
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(65_536)).default({}),
  /** `HOST:PORT` that `fetch` of the functions may reach. */
  allowNet: z.array(z.string().regex(/^[A-Za-z0-9.\-[\]:]+:\d{1,5}$/, "expected HOST:PORT"))
    .default([]),
  /** Secrets of the runtime's config that `env` shows, too, by name. */
  secrets: z.array(z.string().max(256)).default([]),
  /** Redis ACL user that the functions' commands run as; the runtime's config has its password. */
  redisUser: z.string().min(1).max(256).optional(),
  /** Resident memory of the isolate, in MiB. */
  memoryMb: z.int().min(32).max(65_536).optional(),
  /** Wall time of one invocation, in milliseconds. */
  timeoutMs: z.int().min(1).max(86_400_000).optional(),
});
/** Data of {@linkcode LibraryManifest}. */
export type LibraryManifest = z.infer<typeof LibraryManifest>;

/** Something that a module exports and that can be invoked. */
export const LibraryExport = z.strictObject({
  name: z.string(),
  kind: z.enum(["function", "builder", "fetch"]),
});
/** Data of {@linkcode LibraryExport}. */
export type LibraryExport = z.infer<typeof LibraryExport>;

/** A line of `GET /v1/libraries`. */
export const LibrarySummary = z.strictObject({
  name: z.string(),
  /** Counts from 1 with every deploy. */
  version: z.int(),
  /** Hex SHA-256 of the source. */
  hash: z.string(),
  description: z.string().optional(),
  exports: z.array(LibraryExport),
  /** ISO 8601. */
  deployedAt: z.string(),
  /** `ready`, or why it cannot run. */
  state: z.string(),
  invocations: z.int(),
  failures: z.int(),
});
/** Data of {@linkcode LibrarySummary}. */
export type LibrarySummary = z.infer<typeof LibrarySummary>;

/** One version that is kept. */
export const LibraryVersion = z.strictObject({
  version: z.int(),
  hash: z.string(),
  deployedAt: z.string(),
  bytes: z.int(),
  current: z.boolean(),
});
/** Data of {@linkcode LibraryVersion}. */
export type LibraryVersion = z.infer<typeof LibraryVersion>;

/** `GET /v1/libraries/{name}`: values of `env` are not shown, only their names. */
export const LibraryInfo = LibrarySummary.extend({
  manifest: LibraryManifest.omit({ env: true }).extend({ env: z.array(z.string()) }),
  versions: z.array(LibraryVersion),
});
/** Data of {@linkcode LibraryInfo}. */
export type LibraryInfo = z.infer<typeof LibraryInfo>;

/** Body of `PUT /v1/libraries/{name}`. */
export const DeployBody = z.strictObject({
  /** One ES module, bundled: no import but the SDK's. */
  source: z.string(),
  sourceMap: z.string().optional(),
  manifest: LibraryManifest.prefault({}),
  upgrade: z.boolean().default(false),
  replaceWith: LibraryName.optional(),
});

/** A deployment that is asked for. */
export interface DeployRequest {
  /** Library name: `[A-Za-z0-9_-]{1,64}`. */
  readonly name: string;
  /** One ES module, bundled: no import but the SDK's. TypeScript is accepted. */
  readonly source: string;
  /** Source map of the bundle (JSON text), so that errors name the author's files. */
  readonly sourceMap?: string;
  readonly manifest: LibraryManifest;
  /** Replace the library if it exists. Default false: an existing name is refused. */
  readonly upgrade?: boolean;
  /** A library to remove once this one is in place. */
  readonly replaceWith?: string;
  /** Check and load everything, then change nothing. */
  readonly dryRun?: boolean;
}
