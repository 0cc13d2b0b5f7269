/**
 * A doc comment begins with a verb or a noun: a reader sees at once who does what.
 *
 * @module
 */

import type { ProjectFile } from "../project.ts";
import type { Finding, Rule } from "../rule.ts";

const COMMENT = /\/\*\*([^]*?)\*\//g;
const OPENING = /^(?:What|Whether|Where|Who|Whom|Whose|Why|How|It|See)\b/;
const DEFERRED = /See the module/;

/** A doc comment, without its stars. */
export interface DocComment {
  readonly text: string;
  /** Counts from 1. */
  readonly line: number;
}

/** Lists the doc comments of a file. */
export function listDocComments({ text }: Pick<ProjectFile, "text">): DocComment[] {
  return Array.from(text.matchAll(COMMENT), (match) => ({
    text: match[1].replaceAll(/^\s*\* ?/gm, "").trim(),
    line: text.slice(0, match.index).split("\n").length,
  }));
}

/** Tells whether a doc comment begins with a word of a relative clause. */
export function opensWithClause({ text }: DocComment): boolean {
  return OPENING.test(text);
}

/** Finds doc comments that begin with a relative clause, or send the reader elsewhere. */
export const docOpenings: Rule = {
  name: "doc-openings",
  find: (project) =>
    project.product.flatMap((file) =>
      listDocComments(file)
        .filter((comment) => opensWithClause(comment) || DEFERRED.test(comment.text))
        .map((comment): Finding => ({
          path: file.path,
          line: comment.line,
          message: `begins a comment with "${
            comment.text.split(/\s/, 1)
          }": begin with a verb or a noun`,
        }))
    ),
};
