/**
 * Ends a link so that the peer knows that it is for good.
 *
 * @module
 */

import { delay } from "@std/async";
import { FRAME } from "../link/mesh_frames.ts";
import type { FrameLink } from "../link/peer_link.ts";

/** Time for which a peer has to end a link after this side's goodbye, in milliseconds. */
const GOODBYE_MS = 200;

/**
 * Says goodbye, and closes the link when the peer has read it or did not in time.
 *
 * @param ended Resolves when the peer has ended the link.
 */
export async function sayGoodbye(frames: FrameLink, ended: Promise<void>): Promise<void> {
  frames.send({ type: FRAME.goodbye }, new Uint8Array());
  frames.link.end();
  const waited = new AbortController();
  const timeout = delay(GOODBYE_MS, { signal: waited.signal });
  // Aborted when it is no longer waited for.
  timeout.catch(() => {});
  await Promise.race([ended, timeout]);
  waited.abort();
  frames.link.close();
}
