/**
 * Traffic over the links to one peer.
 *
 * @module
 */

import type { PeerStats } from "../mesh.ts";

/** Counts since the runtime started, over all links and exchanges. */
export interface Traffic {
  sentBytes: number;
  sentFrames: number;
  receivedBytes: number;
  receivedFrames: number;
  resentFrames: number;
  /** Links that were made. */
  links: number;
}

/** Nothing went yet. */
export function countTraffic(): Traffic {
  return {
    sentBytes: 0,
    sentFrames: 0,
    receivedBytes: 0,
    receivedFrames: 0,
    resentFrames: 0,
    links: 0,
  };
}

/** Traffic as it is shown. */
export function toPeerStats(
  { links, ...traffic }: Traffic,
): Omit<Traffic, "links"> & Pick<PeerStats, "reconnects"> {
  return { ...traffic, reconnects: Math.max(0, links - 1) };
}
