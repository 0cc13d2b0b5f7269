/**
 * Carries an exchange over one link: hands it the frames that come until the link ends.
 *
 * @module
 */

import type { Exchange } from "../exchange/exchange.ts";
import type { Traffic } from "../exchange/traffic.ts";
import { FRAME, type Frame } from "../link/mesh_frames.ts";
import type { FrameLink } from "../link/peer_link.ts";

/** Listener to what happens on a link. */
export interface CarryHooks {
  /** Tells whether the link is the one in use; frames of another one are dropped. */
  readonly isUsed: () => boolean;
  /** Counts all bytes that come. */
  readonly traffic: Traffic;
  /** Something came over the link in use. */
  readonly onHeard: () => void;
  /** The peer stops. */
  readonly onGoodbye: () => void;
}

/** The peer sent what cannot be. */
class ProtocolError extends Error {}

/** Resolves when the link has ended. @throws why it broke, or why it cannot be used any more */
export async function carryExchange(
  frames: FrameLink,
  exchange: Exchange,
  { isUsed, traffic, onHeard, onGoodbye }: CarryHooks,
): Promise<void> {
  const take = (frame: Frame) => {
    if (!isUsed()) return;
    if (frame.type === FRAME.goodbye) return onGoodbye();
    try {
      exchange.receive(frame);
    } catch (cause) {
      throw new ProtocolError(explain(cause), { cause });
    }
  };
  await frames.forEach(take, (byteLength) => {
    traffic.receivedBytes += byteLength;
    if (isUsed()) onHeard();
  });
}

/** Tells whether a link's frames do not fit together, which the next link would not mend. */
export function breaksProtocol(error: unknown): boolean {
  return error instanceof RangeError || error instanceof ProtocolError;
}

/** Text of what was thrown. */
export function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
