/**
 * What a deployed library is: its manifest, and what is shown of it.
 *
 * @module
 */

import { z } from "zod";

/** Names of libraries, as in routes and keys. */
export const LibraryName = z.string().regex(
  /^[A-Za-z0-9_-]{1,64}$/,
  "expected 1 to 64 of A-Z, a-z, 0-9, - and _",
);

/** What a library is granted and limited to. */
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
/** See {@linkcode LibraryManifest}. */
export type LibraryManifest = z.infer<typeof LibraryManifest>;

/** Something that a module exports and that can be invoked. */
export const LibraryExport = z.strictObject({
  name: z.string(),
  kind: z.enum(["function", "builder", "fetch"]),
});
/** See {@linkcode LibraryExport}. */
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
/** See {@linkcode LibrarySummary}. */
export type LibrarySummary = z.infer<typeof LibrarySummary>;

/** One version that is kept. */
export const LibraryVersion = z.strictObject({
  version: z.int(),
  hash: z.string(),
  deployedAt: z.string(),
  bytes: z.int(),
  current: z.boolean(),
});
/** See {@linkcode LibraryVersion}. */
export type LibraryVersion = z.infer<typeof LibraryVersion>;

/** `GET /v1/libraries/{name}`: values of `env` are not shown, only their names. */
export const LibraryInfo = LibrarySummary.extend({
  manifest: LibraryManifest.omit({ env: true }).extend({ env: z.array(z.string()) }),
  versions: z.array(LibraryVersion),
});
/** See {@linkcode LibraryInfo}. */
export type LibraryInfo = z.infer<typeof LibraryInfo>;
