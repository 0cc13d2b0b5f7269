/**
 * Errors as problem documents.
 *
 * Source: RFC 9457.
 *
 * @module
 */

import { z } from "zod";
import { ERROR_KINDS, type ErrorCode, PinionError } from "../../../errors.ts";

/** The document: RFC 9457's members, then ours. */
export const Problem = z.strictObject({
  /** `urn:pinion:problem:` and the code. */
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(Object.keys(ERROR_KINDS) as [ErrorCode, ...ErrorCode[]]),
  /** Where in the author's source it arose: 1-based. */
  location: z.strictObject({ file: z.string(), line: z.int(), column: z.int() }).optional(),
  /** The author's own frames, one a line. */
  stack: z.string().optional(),
  /** Whether the same request may succeed later. */
  retryable: z.boolean(),
});
/** See {@linkcode Problem}. */
export type Problem = z.infer<typeof Problem>;

/** Its media type. */
export const PROBLEM_TYPE = "application/problem+json";

/** Any thrown value as a problem; what is not ours tells nothing of the host. */
export function toProblem(thrown: unknown): Problem {
  const error = PinionError.from(thrown);
  const { http, title, retryable } = error.kind;
  const { code, message, location, stack } = error.toData();
  return {
    type: `urn:pinion:problem:${code.toLowerCase().replaceAll("_", "-")}`,
    title,
    status: http,
    detail: message,
    code,
    ...(location && { location: { ...location } }),
    ...(stack !== undefined && { stack }),
    retryable,
  };
}

/** Any thrown value as a response. */
export function problemReply(
  thrown: unknown,
  extra: Readonly<Record<string, string>> = {},
): Response {
  const problem = toProblem(thrown);
  const headers: Record<string, string> = {
    "content-type": PROBLEM_TYPE,
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    ...(problem.status === 401 && { "www-authenticate": 'Bearer realm="pinion"' }),
    ...(problem.retryable && { "retry-after": "1" }),
    ...extra,
  };
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}
