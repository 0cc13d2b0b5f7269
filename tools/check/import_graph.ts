/**
 * Imports among the files and among the rooms of the product.
 *
 * @module
 */

import type { Graph } from "./graph.ts";
import type { Project } from "./project.ts";

/** Files of the product, with the files that each imports. */
export function fileGraph(project: Project): Graph {
  const paths = new Set(project.product.map(({ path }) => path));
  return new Map(project.product.map(({ path, imports }) => [
    path,
    new Set(imports.map(({ target }) => target).filter((target) => paths.has(target))),
  ]));
}

/** Rooms of the product, with the rooms that each imports. A room is a folder by itself. */
export function roomGraph(project: Project): Graph {
  const rooms = new Map<string, Set<string>>();
  for (const [path, targets] of fileGraph(project)) {
    const { room } = project.files.get(path)!;
    const below = rooms.get(room) ?? new Set<string>();
    rooms.set(room, below);
    for (const target of targets) {
      const targetRoom = project.files.get(target)!.room;
      if (targetRoom !== room) below.add(targetRoom);
    }
  }
  return rooms;
}
