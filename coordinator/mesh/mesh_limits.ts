/**
 * What a mesh may use, and how long it waits.
 *
 * @module
 */

/** Bounds of one mesh; sizes are in bytes and per peer. A sender keeps to the window of the receiver. */
export interface MeshLimits {
  /** Greatest message on a channel, request and reply. */
  readonly messageBytes: number;
  /** What a channel's sender may have under way that its receiver has not dealt with. */
  readonly windowBytes: number;
  /** What waits in a channel before `send` asks its caller to wait; past four times that it fails. */
  readonly pendingBytes: number;
  /** What is kept to be sent again, until the peer has acknowledged it. */
  readonly unacknowledgedBytes: number;
  /** Requests and replies that wait to be sent; beyond it no more are taken, or answered. */
  readonly controlBytes: number;
  /** Channels that a peer may have open to this runtime, and this one to it. */
  readonly channels: number;
  /** Requests of a peer that are being answered, and of this runtime to it. */
  readonly requests: number;
  /** Links of all peers that have not proved yet who they are. */
  readonly strangers: number;
}

/** Times in milliseconds. */
export interface MeshTimings {
  /** Each side says something at least so often. */
  readonly heartbeatMs: number;
  /** A link on which nothing came for so long is cut; a greeting may take no longer either. */
  readonly silenceMs: number;
  /** A peer from which nothing came for so long, over whatever link, is lost. */
  readonly lostAfterMs: number;
  /** Greatest pause between two attempts to link. */
  readonly redialMs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_MESH_LIMITS: MeshLimits = {
  messageBytes: 256 * MIB,
  windowBytes: 1 * MIB,
  pendingBytes: 256 * KIB,
  unacknowledgedBytes: 8 * MIB,
  controlBytes: 64 * MIB,
  channels: 1_024,
  requests: 256,
  strangers: 64,
};

export const DEFAULT_MESH_TIMINGS: MeshTimings = {
  heartbeatMs: 500,
  silenceMs: 2_000,
  lostAfterMs: 4_000,
  redialMs: 1_000,
};
