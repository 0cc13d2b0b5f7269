/**
 * Circles of a graph.
 *
 * @module
 */

/** Nodes by name, each with the nodes that it leads to. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Lists the sets of nodes that lead to each other: Tarjan's strongly connected components. */
export function findCircles(graph: Graph): string[][] {
  const indexes = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): void => {
    indexes.set(node, indexes.size);
    lowest.set(node, indexes.get(node)!);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!indexes.has(next)) visit(next);
      else if (!stack.includes(next)) continue;
      lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== indexes.get(node)) return;
    const circle = stack.splice(stack.indexOf(node));
    if (circle.length > 1) circles.push(circle.sort());
  };
  for (const node of graph.keys()) if (!indexes.has(node)) visit(node);
  return circles;
}

/** Orders nodes by floors: each node stands above all that it leads to. The graph has no circle. */
export function findFloors(graph: Graph): string[][] {
  const floors = new Map<string, number>();
  const floorOf = (node: string): number => {
    const known = floors.get(node);
    if (known !== undefined) return known;
    const below = [...graph.get(node) ?? []].map(floorOf);
    const floor = Math.max(-1, ...below) + 1;
    floors.set(node, floor);
    return floor;
  };
  const rows: string[][] = [];
  for (const node of [...graph.keys()].sort()) (rows[floorOf(node)] ??= []).push(node);
  return rows;
}
