/**
 * Where a replay begins, as people say it.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";

/** A message id, or milliseconds since 1970: the id of the first message of that time. */
const ID = /^\d{1,16}(-\d{1,20})?$/;

/**
 * The id of the first message from an id, a number of milliseconds since 1970, or a time of ISO 8601
 * on.
 *
 * @throws `BAD_ARGUMENT`
 */
export function toMessageId(from: string): string {
  if (ID.test(from)) return from.includes("-") ? from : `${from}-0`;
  const time = /^\d{4}-\d{2}/.test(from) ? Date.parse(from) : NaN;
  if (Number.isFinite(time) && time >= 0) return `${time}-0`;
  throw new PinionError(
    "BAD_ARGUMENT",
    `Cannot replay from ${JSON.stringify(from)}: expected a message id, milliseconds since 1970, ` +
      "or a time such as 2026-01-31T12:00:00Z",
  );
}
