/**
 * The engine is a facade: it has no data types, and rooms further down do not import it.
 *
 * @module
 */

import ts from "typescript";
import { lineOf } from "../project.ts";
import type { Finding, Rule } from "../rule.ts";

const FACADE = "runtime/engine/engine.ts";
/** Type that the facade may declare: its own interface. */
const OWN_TYPE = "Engine";
/** Rooms that may import the facade. */
const ABOVE = /^(?:runtime\/(?:engine|http|resp)\/|runtime\/[^/]+$)/;

/** Finds data types in the facade, and imports of it from below. */
export const facade: Rule = {
  name: "facade",
  find(project) {
    const below = project.product.flatMap(({ path, imports }): Finding[] =>
      ABOVE.test(path) ? [] : imports
        .filter(({ target }) => target.startsWith("runtime/engine/"))
        .map(({ line }) => ({ path, line, message: "imports the engine from below" }))
    );
    const file = project.files.get(FACADE);
    const types =
      file?.source.statements.filter((statement) =>
        (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) &&
        statement.name.text !== OWN_TYPE
      ) ?? [];
    return [
      ...below,
      ...types.map((type) => ({
        path: FACADE,
        line: lineOf(file!, type),
        message: "declares a data type: it belongs to contract/api",
      })),
    ];
  },
};
