/**
 * Pinion: a serverless engine for Redis and Valkey.
 *
 * This is what an author's code imports. See README.md for a first function.
 *
 * @module
 */

export * from "./sdk/mod.ts";
