/**
 * Finds the route of a path.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import type { Route } from "../reply/route.ts";

/** A route and what its path holds. */
export interface RouteMatch {
  /** The row. */
  readonly route: Route;
  /** Values of `{name}`, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

/** No route, but what is known of the path. */
export interface RouteMiss {
  /** Methods that the path has; empty where there is no such path. */
  readonly allow: readonly string[];
}

/** A list of routes, indexed. */
export class Router {
  readonly #routes: readonly { readonly route: Route; readonly segments: readonly string[] }[];

  /** Of rows that match the same path, the first one wins. */
  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ route, segments: route.path.slice(1).split("/") }));
  }

  /**
   * The route of a request. HEAD is answered by the route of GET.
   *
   * @param path As it is in the URL: encoded, without the query.
   * @throws {PinionError} `BAD_ARGUMENT` for a path that does not decode
   */
  match(method: string, path: string): RouteMatch | RouteMiss {
    const given = path.slice(1).split("/");
    const allow = new Set<string>();
    for (const { route, segments } of this.#routes) {
      const params = matchSegments(segments, given);
      if (params === undefined) continue;
      const isMatch = route.method === "ANY" || route.method === method ||
        (route.method === "GET" && method === "HEAD");
      if (isMatch) return { route, params: decodeParams(params) };
      allow.add(route.method);
      if (route.method === "GET") allow.add("HEAD");
    }
    return { allow: [...allow] };
  }
}

/** Values of a pattern's names, still encoded; undefined if the path is another. */
function matchSegments(
  pattern: readonly string[],
  path: readonly string[],
): Record<string, string> | undefined {
  const hasRest = pattern.at(-1) === "*";
  const fixed = hasRest ? pattern.length - 1 : pattern.length;
  if (hasRest ? path.length < fixed : path.length !== fixed) return undefined;
  const params: Record<string, string> = {};
  for (let i = 0; i < fixed; i++) {
    const name = /^\{(\w+)\}$/.exec(pattern[i])?.[1];
    if (name !== undefined && path[i] !== "") params[name] = path[i];
    else if (pattern[i] !== path[i]) return undefined;
  }
  return params;
}

function decodeParams(params: Record<string, string>): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
  } catch {
    throw new PinionError("BAD_ARGUMENT", "Cannot read the path: expected percent-encoded UTF-8");
  }
}
