/**
 * Light syntax colours for the short functions that the demo prints and the excerpts of errors.
 *
 * @module
 */

import type { Style } from "./style.ts";

const KEYWORDS =
  "as|async|await|const|default|else|export|for|from|function|if|import|interface|let|new|of|return|type|yield";

/** Comments, strings, keywords and numbers, in this order of preference. */
const TOKENS = new RegExp(
  [
    String.raw`(?<comment>\/\*[^]*?\*\/|\/\/[^\n]*)`,
    String.raw`(?<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|${"`"}(?:\\.|[^${"`"}\\])*${"`"})`,
    String.raw`(?<keyword>\b(?:${KEYWORDS})\b)`,
    String.raw`(?<number>\b\d[\d_.]*\b)`,
  ].join("|"),
  "g",
);

/** `code` with its comments, strings, keywords and numbers coloured. */
export function highlight(code: string, style: Style): string {
  return code.replaceAll(TOKENS, (token, ...rest) => {
    const { comment, text, keyword } = rest.at(-1) as Record<string, string | undefined>;
    if (comment !== undefined) return style.dim(token);
    if (text !== undefined) return style.green(token);
    return keyword !== undefined ? style.magenta(token) : style.yellow(token);
  });
}
