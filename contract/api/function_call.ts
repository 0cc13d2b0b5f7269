/**
 * Calls of deployed functions and of triggers: `/invoke`, `/fn` and `/v1/triggers`.
 *
 * @module
 */

import { z } from "zod";

const Argument = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Arguments of a trigger; everything is sent as text. Nothing is as good as `[]`. */
export const TriggerArguments = z.union([
  z.array(Argument).max(1_024),
  z.strictObject({}).transform((): string[] => []),
]);

/** Options of an invocation. */
export interface InvokeOptions {
  readonly signal?: AbortSignal;
}

/** A request to a module's `fetch`; the URL's path begins after `/fn/{library}`. */
export interface FetchRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | null;
}

/** The answer of the module's `fetch`. */
export interface FetchReply {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array<ArrayBuffer> | null;
}

/** A trigger's name and the arguments behind it: text, or bytes that are no UTF-8. */
export type CommandArgs = readonly (string | Uint8Array)[];
