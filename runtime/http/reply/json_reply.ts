/**
 * Replies of JSON.
 *
 * @module
 */

import { toJsonBytes } from "../../../contract/text/json_text.ts";

/** Headers of every JSON reply. */
export const JSON_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "application/json",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

/** A value as a JSON reply. */
export function jsonReply(value: unknown, status = 200): Response {
  return new Response(toJsonBytes(value), { status, headers: JSON_HEADERS });
}

/** A reply without a body. */
export function emptyReply(): Response {
  return new Response(null, { status: 204 });
}
