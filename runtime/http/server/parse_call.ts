/**
 * Checks the path, the query and the body of a request against the schemas of its route.
 *
 * @module
 */

import type { z } from "zod";
import { PinionError } from "../../../errors.ts";
import { readBody } from "./read_body.ts";
import type { Route } from "../reply/route.ts";

/** Issues of a schema that an error lists. */
const MAX_ISSUES = 5;
const JSON_TYPES = ["application/json"];
/** What curl sends with `--data-binary` unless it is told otherwise is the last one. */
const SOURCE_TYPES = [
  "application/typescript",
  "text/typescript",
  "application/javascript",
  "text/javascript",
  "text/plain",
  "application/octet-stream",
  "application/x-www-form-urlencoded",
];

/** The values of the path. @throws {PinionError} `BAD_ARGUMENT` */
export function parseParams(
  route: Route,
  params: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  for (const [name, schema] of Object.entries(route.params ?? {})) {
    parse(schema, params[name], "BAD_ARGUMENT", `${name} of the path`);
  }
  return params;
}

/** The values of the query. @throws {PinionError} `BAD_ARGUMENT` */
export function parseQuery(route: Route, search: URLSearchParams): unknown {
  const given = Object.fromEntries(search);
  if (route.query !== undefined) return parse(route.query, given, "BAD_ARGUMENT", "the query");
  const [unknown] = Object.keys(given);
  if (unknown === undefined || route.method === "ANY") return {};
  throw new PinionError("BAD_ARGUMENT", `Cannot read the query: unknown parameter "${unknown}"`);
}

/**
 * The body, as the route takes it.
 *
 * @throws {PinionError} `UNSUPPORTED_MEDIA_TYPE`, `TOO_LARGE`, `BAD_BODY`
 */
export async function parseBody(
  route: Route,
  request: Request,
  maxBytes: number,
): Promise<unknown> {
  const { body } = route;
  switch (body?.kind) {
    case undefined:
      return undefined;
    case "bytes":
      return await readBody(request, maxBytes);
    case "source":
      checkType(request, SOURCE_TYPES, true);
      return decode(await readBody(request, maxBytes));
    case "json": {
      const bytes = await readBody(request, maxBytes);
      if (bytes.length === 0 && body.isOptional) {
        return parse(body.schema, {}, "BAD_BODY", "the body");
      }
      if (!body.isAnyType) checkType(request, JSON_TYPES, false);
      return parse(body.schema, parseJson(decode(bytes)), "BAD_BODY", "the body");
    }
    default:
      body satisfies never;
  }
}

/** Media type of a header, without its parameters, in lower case. */
export function mediaType(contentType: string): string {
  return contentType.split(";", 1)[0].trim().toLowerCase();
}

function checkType(request: Request, types: readonly string[], isOptional: boolean): void {
  const given = request.headers.get("content-type");
  if (given === null ? isOptional : types.includes(mediaType(given))) return;
  throw new PinionError(
    "UNSUPPORTED_MEDIA_TYPE",
    `Cannot read the body: expected content-type ${types[0]}, got ${given ?? "none"}`,
  );
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new PinionError("BAD_BODY", "Cannot read the body: expected UTF-8");
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PinionError("BAD_BODY", `Cannot read the body: ${(error as Error).message}`);
  }
}

function parse<Output>(
  schema: z.ZodType<Output>,
  value: unknown,
  code: "BAD_ARGUMENT" | "BAD_BODY",
  what: string,
): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, MAX_ISSUES).map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`
  );
  throw new PinionError(code, `Cannot read ${what}: ${issues.join("; ")}`);
}
