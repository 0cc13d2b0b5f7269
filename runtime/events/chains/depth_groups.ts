/**
 * Parts a delivery by how many registrations' writes led to its events.
 *
 * What one execution writes counts as one link more than the deepest of its events. If events of
 * clients ran together with those that the execution before them has caused, each would be taken
 * for the child of the other, and a registration that hears its own writes would seem to loop.
 *
 * @module
 */

import type { EventPayload } from "../../../contract/isolate/messages/events.ts";
import type { Delivery } from "../source/event_source.ts";

/** Events of a delivery that may be in one execution. */
export interface DepthGroup {
  readonly payload: EventPayload;
  /** Number of registrations whose writes led to the deepest of them. */
  readonly depth: number;
  /** Their places in the delivery; null: it is all of it. */
  readonly places: readonly number[] | null;
  /** Their keys, where groups may overtake each other; events of one key may not. */
  readonly keys: ReadonlySet<string> | null;
}

/**
 * The groups of a delivery, one for each depth. All events of a key are in one group, in their
 * order. Messages of a stream have one order, so that they stay together.
 */
export function groupByDepth({ payload, depths, batch }: Delivery): DepthGroup[] {
  const deepest = Math.max(0, ...depths ?? []);
  if (payload.kind !== "keys" || batch !== 1) {
    return [{ payload, depth: deepest, places: null, keys: null }];
  }
  const names = payload.keys.map((key) => typeof key === "string" ? key : key.join());
  if (depths === undefined || depths.every((depth) => depth === deepest)) {
    return [{ payload, depth: deepest, places: null, keys: new Set(names) }];
  }
  const depthOf = new Map<string, number>();
  for (const [place, name] of names.entries()) {
    depthOf.set(name, Math.max(depthOf.get(name) ?? 0, depths[place]));
  }
  const groups = Map.groupBy(names.keys(), (place) => depthOf.get(names[place])!);
  return [...groups].map(([depth, places]) => ({
    payload: {
      kind: "keys",
      keys: places.map((place) => payload.keys[place]),
      events: places.map((place) => payload.events[place]),
    },
    depth,
    places,
    keys: new Set(places.map((place) => names[place])),
  }));
}
