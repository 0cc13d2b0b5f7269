/**
 * Recognises the path of an invocation without a router or a URL object: it is on the hot path.
 *
 * @module
 */

const PREFIX = "/invoke/";
const PERCENT = 37;
const SLASH = 47;
const QUESTION = 63;

/** What is to be invoked. */
export interface InvokePath {
  /** Name of the library, not checked. */
  readonly library: string;
  /** Name of the export, not checked. */
  readonly exportName: string;
}

/**
 * The library and the export that a URL names; undefined where it is no invocation, or one whose
 * names are percent-encoded or that has a query, which the router sees to.
 *
 * @param pathStart Offset of the path in the URL.
 */
export function parseInvokePath(url: string, pathStart: number): InvokePath | undefined {
  if (!url.startsWith(PREFIX, pathStart)) return undefined;
  const libraryStart = pathStart + PREFIX.length;
  const slash = url.indexOf("/", libraryStart);
  if (slash <= libraryStart || slash === url.length - 1) return undefined;
  for (let at = libraryStart; at < url.length; at++) {
    const code = url.charCodeAt(at);
    const isUnusual = code === PERCENT || code === QUESTION || (code === SLASH && at !== slash);
    if (isUnusual) return undefined;
  }
  return { library: url.slice(libraryStart, slash), exportName: url.slice(slash + 1) };
}
