/**
 * How a runtime proves to another that it belongs to the mesh. Both prove it to each other over a
 * transcript that holds both sides' fresh nonces, so that no proof serves twice or for another link.
 *
 * @module
 */

import { createHmac, timingSafeEqual } from "node:crypto";
import type { Hello } from "./hello_messages.ts";

/** Which side of the link proves. */
export type Side = "dialler" | "listener";

/** What was said on a link, and by whom it is proven. */
export interface Transcript {
  readonly side: Side;
  /** URL origin that the dialling side used. */
  readonly origin: string;
  /** Differs for any two links and for the two sides of one. */
  readonly bytes: Uint8Array;
}

/** See the module. */
export interface Credentials {
  /** A text that proves membership to the other side and tells nobody else anything. */
  prove(transcript: Transcript): string;
  /** Why the other side's proof does not hold; null where it does. */
  refute(transcript: Transcript, proof: string): string | null;
}

/** The transcript of two hellos as `side` has to prove it. */
export function writeTranscript(side: Side, dialler: Hello, listener: Hello): Transcript {
  const text = JSON.stringify(["pinion mesh", side, inOrder(dialler), inOrder(listener)]);
  return { side, origin: dialler.origin, bytes: new TextEncoder().encode(text) };
}

/**
 * Both sides know the same secret, which is never sent. For loopback and trusted networks: what
 * follows is neither encrypted nor signed.
 */
export class SharedSecret implements Credentials {
  readonly #secret: string;

  /** @throws TypeError for an empty one */
  constructor(secret: string) {
    if (secret === "") throw new TypeError("The mesh's secret must not be empty");
    this.#secret = secret;
  }

  prove({ bytes }: Transcript): string {
    return createHmac("sha256", this.#secret).update(bytes).digest("base64");
  }

  refute(transcript: Transcript, proof: string): string | null {
    const encoder = new TextEncoder();
    const [given, expected] = [encoder.encode(proof), encoder.encode(this.prove(transcript))];
    return given.byteLength === expected.byteLength && timingSafeEqual(given, expected)
      ? null
      : "it does not know the mesh's secret; start every runtime with the same one";
  }
}

function inOrder(hello: Hello): unknown[] {
  const { protocol, shardId, runId, epoch, to, origin, nonce, windowBytes } = hello;
  return [protocol, shardId, runId, epoch, to, origin, nonce, windowBytes];
}
