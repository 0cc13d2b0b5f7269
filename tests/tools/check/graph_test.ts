/**
 * Circles and floors of import graphs.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { findCircles, findFloors, type Graph } from "../../../tools/check/graph.ts";
import { fileGraph, roomGraph } from "../../../tools/check/import_graph.ts";
import { plant } from "./rule_case.ts";

/** Draws a graph from `a: b c` lines. */
function draw(...lines: readonly string[]): Graph {
  return new Map(lines.map((line) => {
    const [node, targets] = line.split(":");
    return [node, new Set(targets.split(" ").filter(Boolean))];
  }));
}

const CIRCLES: readonly (readonly [name: string, graph: Graph, circles: string[][]])[] = [
  ["none in a tree", draw("a: b c", "b: d", "c: d", "d:"), []],
  ["two nodes", draw("a: b", "b: a"), [["a", "b"]]],
  ["entered from outside", draw("z: a", "a: b", "b: c", "c: a d", "d:"), [["a", "b", "c"]]],
  ["two beside each other", draw("a: b", "b: a c", "c: d", "d: c"), [["c", "d"], ["a", "b"]]],
  ["two that share a node are one", draw("a: b c", "b: a", "c: a"), [["a", "b", "c"]]],
  ["a node that leads to itself is none", draw("a: a"), []],
];

for (const [name, graph, circles] of CIRCLES) {
  Deno.test(`graph: circles: ${name}`, () => assertEquals(findCircles(graph), circles));
}

const FLOORS: readonly (readonly [name: string, graph: Graph, floors: string[][]])[] = [
  ["none in an empty graph", draw(), []],
  ["the longest way counts", draw("a: b d", "b: c", "c: d", "d:"), [["d"], ["c"], ["b"], ["a"]]],
  ["nodes of one floor are in order", draw("c: a", "b: a", "a:", "d:"), [["a", "d"], ["b", "c"]]],
];

for (const [name, graph, floors] of FLOORS) {
  Deno.test(`graph: floors: ${name}`, () => assertEquals(findFloors(graph), floors));
}

Deno.test("graph: files of the product lead to files of the product", () => {
  const project = plant({
    "redis/a.ts": 'import "./b.ts";\nimport "zod";\nimport type { T } from "../tests/t.ts";\n',
    "redis/b.ts": 'export * from "../errors.ts";\nconst later = await import("./a.ts");\n',
    "errors.ts": "export const a = 1;\n",
    "tests/t.ts": 'import "../errors.ts";\n',
  });
  const expected = draw("redis/a.ts: redis/b.ts", "redis/b.ts: errors.ts", "errors.ts:");
  assertEquals(fileGraph(project), expected);
});

Deno.test("graph: a room is a folder by itself, and does not lead to itself", () => {
  const project = plant({
    "runtime/shard.ts": 'import "./http/server/serve.ts";\nimport "../errors.ts";\n',
    "runtime/http/server/serve.ts": 'import "./guard.ts";\n',
    "runtime/http/server/guard.ts": "export const a = 1;\n",
    "errors.ts": "export const a = 1;\n",
  });
  assertEquals(
    roomGraph(project),
    draw("runtime: runtime/http/server errors.ts", "runtime/http/server:", "errors.ts:"),
  );
});
