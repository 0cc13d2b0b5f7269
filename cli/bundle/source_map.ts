/**
 * The source map that `deno bundle` appends to a bundle.
 *
 * @module
 */

import { z } from "zod";
import { PinionError } from "../../errors.ts";

/** A source map, revision 3. */
export const SourceMap = z.object({
  version: z.literal(3),
  sources: z.array(z.string()),
  sourcesContent: z.array(z.string().nullable()),
  names: z.array(z.string()),
  mappings: z.string(),
});
/** Data of {@linkcode SourceMap}. */
export type SourceMap = z.infer<typeof SourceMap>;

const MARK = "\n//# sourceMappingURL=data:application/json;base64,";

/** Splits a bundle from its inline source map. @throws `INTERNAL` if it has none */
export function splitSourceMap(bundle: string): { code: string; map: string } {
  const at = bundle.lastIndexOf(MARK);
  if (at < 0) throw new PinionError("INTERNAL", "The bundle has no source map");
  const bytes = Uint8Array.fromBase64(bundle.slice(at + MARK.length).trim());
  return { code: bundle.slice(0, at + 1), map: new TextDecoder().decode(bytes) };
}

/** The source map in JSON text. @throws `INTERNAL` if it is none */
export function parseSourceMap(text: string): SourceMap {
  const parsed = SourceMap.safeParse(JSON.parse(text));
  if (!parsed.success) {
    throw new PinionError("INTERNAL", "The bundle's source map cannot be read", {
      cause: parsed.error,
    });
  }
  return parsed.data;
}
