/**
 * Errors as RESP error lines.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";

/**
 * The line of an error, without `-` and line end: the prefix of its code, the message, and where in
 * the author's source it arose if the message does not say so.
 */
export function formatError(error: unknown): string {
  const { kind, message, location } = PinionError.from(error);
  const place = location && `${location.file}:${location.line}:${location.column}`;
  const where = place === undefined || message.includes(`${location!.file}:${location!.line}`)
    ? ""
    : ` (at ${place})`;
  return `${kind.resp}${kind.resp && " "}${message}${where}`;
}
