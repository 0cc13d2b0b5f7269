/**
 * Chooses the faults of a run: the same seed and sources give the same faults.
 *
 * Files are drawn by their length, then a kind among those that the file has, then a place: so rare
 * kinds, such as a dropped `finally`, are seen as well as the many conditions.
 *
 * @module
 */

import ts from "typescript";
import { applyEdit, type Fault, type FaultKind, toFault } from "./fault.ts";
import { FAULT_KINDS } from "./kinds/fault_kinds.ts";
import { isOutOfReach, isValidSource, parseSource } from "./syntax.ts";

/** Sources by path. */
export type Sources = ReadonlyMap<string, string>;

/** Draws per wanted fault before a run gets along with fewer. */
const MAX_DRAWS = 50;

/** Every fault that can be planted in a source. */
export function findFaults(path: string, text: string, kinds = FAULT_KINDS): Fault[] {
  const source = parseSource(path, text);
  const faults: Fault[] = [];
  const visit = (node: ts.Node) => {
    if (isOutOfReach(node)) return;
    faults.push(...kinds.flatMap((kind) => faultsAt(node, source, kind)));
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return faults;
}

/** Chooses `count` faults among those that are wanted, at most one a line, all of which parse. */
export function chooseFaults(
  sources: Sources,
  seed: number,
  count: number,
  isWanted: (fault: Fault) => boolean = () => true,
): Fault[] {
  const random = createRandom(seed);
  const draw = createDraw(sources, random, isWanted);
  const chosen = new Map<string, Fault>();
  for (let draws = 0; draws < count * MAX_DRAWS && chosen.size < count; draws++) {
    const fault = draw();
    if (fault === null) continue;
    const place = `${fault.path}:${fault.line}`;
    if (chosen.has(place)) continue;
    if (isValidSource(applyEdit(sources.get(fault.path)!, fault))) chosen.set(place, fault);
  }
  return [...chosen.values()];
}

function faultsAt(node: ts.Node, source: ts.SourceFile, kind: FaultKind): Fault[] {
  return [...kind.find(node, source)]
    .map((edit) => toFault(source.fileName, kind.name, source.text, edit));
}

function createDraw(
  sources: Sources,
  random: () => number,
  isWanted: (fault: Fault) => boolean,
): () => Fault | null {
  const paths = [...sources.keys()].sort();
  const lines = paths.flatMap((path) => sources.get(path)!.split("\n").map(() => path));
  const found = new Map<string, Fault[][]>();
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)];
  return () => {
    const path = pick(lines);
    if (path === undefined) return null;
    const groups = found.get(path) ??
      groupByKind(findFaults(path, sources.get(path)!).filter(isWanted));
    found.set(path, groups);
    return groups.length === 0 ? null : pick(pick(groups));
  };
}

function groupByKind(faults: readonly Fault[]): Fault[][] {
  return [...Map.groupBy(faults, ({ kind }) => kind).values()];
}

/** Numbers from 0 to below 1 that a seed repeats (SplitMix32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
