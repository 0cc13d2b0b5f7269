/**
 * The greeting of a new link, before any frame of an exchange.
 *
 * ```text
 *  dialler                               listener
 *     │ hello: who I am, a nonce            │
 *     ├────────────────────────────────────►│  version, the shard meant
 *     │      hello: who I am, a nonce; proof│
 *     │◄────────────────────────────────────┤
 *     │ proof; my exchange, what I received │
 *     ├────────────────────────────────────►│  epoch; the same exchange? else a new one
 *     │  welcome: exchange, what I received │
 *     │◄────────────────────────────────────┤
 * ```
 *
 * Either side may refuse instead, with a reason for people.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";
import { FRAME, type Frame, type FrameType } from "../link/mesh_frames.ts";
import type { FrameLink } from "../link/peer_link.ts";
import { type Credentials, type Side, writeTranscript } from "./credentials.ts";
import {
  Answer,
  Claim,
  decodeGreeting,
  decodeRefusal,
  decodeVersioned,
  encodeGreeting,
  Hello,
  type LinkPosition,
  PROTOCOL,
  refuse,
  Welcome,
} from "./hello_messages.ts";

/** This runtime, as it introduces itself. */
export interface Self {
  readonly shardId: string;
  readonly runId: string;
  /** Of its lease now. */
  epoch(): number;
  readonly windowBytes: number;
  readonly credentials: Credentials;
}

/** The peer at the end of a greeting. */
export interface Acquaintance {
  readonly hello: Hello;
  /** Id of the exchange that goes on or begins. */
  readonly session: string;
  /** Frames of it that the peer has received. */
  readonly received: number;
}

/**
 * Greets a listener.
 *
 * @param position Asked for at the moment when the peer has proven who it is.
 * @throws `MESH_REFUSED`; whatever breaks a link
 */
export async function greetListener(
  frames: FrameLink,
  self: Self,
  peer: { readonly shardId: string; readonly origin: string },
  position: () => LinkPosition,
): Promise<Acquaintance> {
  const mine = introduce(self, peer.shardId, peer.origin);
  send(frames, FRAME.hello, mine);
  const answer = await expect(frames, FRAME.hello);
  const { hello, proof } = decodeVersioned(Answer, answer.payload);
  if (hello.shardId !== peer.shardId) {
    throw refuse(`shard ${hello.shardId} answered in the place of ${peer.shardId}`);
  }
  check(self.credentials, "listener", [mine, hello], proof);
  send(frames, FRAME.proof, {
    position: position(),
    proof: self.credentials.prove(writeTranscript("dialler", mine, hello)),
  });
  const welcome = await expect(frames, FRAME.welcome);
  return { hello, ...decodeGreeting(Welcome, welcome.payload) };
}

/**
 * Greets a dialler; where it throws `MESH_REFUSED`, the dialler was told.
 *
 * @param admit Decides, once the dialler has proven who it is, with which exchange they go on.
 * @throws `MESH_REFUSED`; whatever breaks a link
 */
export async function greetDialler(
  frames: FrameLink,
  self: Self,
  admit: (hello: Hello, position: LinkPosition) => Welcome,
): Promise<Acquaintance> {
  try {
    const hello = decodeVersioned(Hello, (await expect(frames, FRAME.hello)).payload);
    if (hello.to !== self.shardId) {
      throw refuse(`it looks for shard ${hello.to}, this is the runtime of ${self.shardId}`);
    }
    const mine = introduce(self, hello.shardId, hello.origin);
    const proof = self.credentials.prove(writeTranscript("listener", hello, mine));
    send(frames, FRAME.hello, { hello: mine, proof });
    const claim = decodeGreeting(Claim, (await expect(frames, FRAME.proof)).payload);
    check(self.credentials, "dialler", [hello, mine], claim.proof);
    const welcome = admit(hello, claim.position);
    send(frames, FRAME.welcome, welcome);
    const { session, received } = claim.position;
    return {
      hello,
      session: welcome.session,
      received: welcome.session === session ? received : 0,
    };
  } catch (error) {
    const refusal = error instanceof PinionError ? error : refuse("its greeting is malformed");
    send(frames, FRAME.refuse, { message: refusal.message });
    frames.link.end();
    throw error;
  }
}

function introduce(self: Self, to: string, origin: string): Hello {
  return {
    protocol: PROTOCOL,
    shardId: self.shardId,
    runId: self.runId,
    epoch: self.epoch(),
    to,
    origin,
    nonce: crypto.getRandomValues(new Uint8Array(32)).toHex(),
    windowBytes: self.windowBytes,
  };
}

/** @throws `MESH_REFUSED` */
function check(
  credentials: Credentials,
  side: Side,
  hellos: readonly [dialler: Hello, listener: Hello],
  proof: string,
): void {
  const why = credentials.refute(writeTranscript(side, ...hellos), proof);
  if (why !== null) throw refuse(why);
}

function send(frames: FrameLink, type: FrameType, message: unknown): void {
  frames.send({ type }, encodeGreeting(message));
}

/** @throws `MESH_REFUSED` for another frame or the end */
async function expect(frames: FrameLink, type: FrameType): Promise<Frame> {
  const frame = await frames.next();
  if (frame === null) throw refuse("it ended the link in the middle of the greeting");
  if (frame.type === FRAME.refuse) throw decodeRefusal(frame.payload);
  if (frame.type !== type) {
    throw refuse(`it sent a frame of type ${frame.type} where ${type} belongs`);
  }
  return frame;
}
