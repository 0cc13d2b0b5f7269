/**
 * What went over the links to one peer.
 *
 * @module
 */

/** Counts since the runtime started, over all links and sessions. */
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
