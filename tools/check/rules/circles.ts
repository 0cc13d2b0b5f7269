/**
 * No circle of imports among files, and none among rooms. `import type` counts.
 *
 * @module
 */

import { findCircles, type Graph } from "../graph.ts";
import { fileGraph, roomGraph } from "../import_graph.ts";
import type { Finding, Rule } from "../rule.ts";

/** Finds circles. */
export const circles: Rule = {
  name: "circles",
  find: (project) => [
    ...report("files", fileGraph(project)),
    ...report("rooms", roomGraph(project)),
  ],
};

function report(kind: string, graph: Graph): Finding[] {
  return findCircles(graph).map((circle) => ({
    path: circle[0],
    message: `is in a circle of ${kind}: ${circle.join(", ")}; move the part that they share down`,
  }));
}
