/**
 * Reads the body of a request, never more of it than the limit.
 *
 * @module
 */

import { PinionError } from "../../../errors.ts";

const NO_BYTES = new Uint8Array(0);

/**
 * The body.
 *
 * @param maxBytes A body that says it is longer is not read at all; one that does not say so is read
 * up to there.
 * @throws {PinionError} `TOO_LARGE`, `BAD_BODY` where the client broke off
 */
export async function readBody(
  request: Request,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const given = request.headers.get("content-length");
  if (given === "0") return NO_BYTES;
  if (Number(given) > maxBytes) throw tooLarge(maxBytes);
  try {
    // The server itself holds a body to the length that was given.
    return given === null ? await readCapped(request, maxBytes) : await request.bytes();
  } catch (error) {
    if (error instanceof PinionError) throw error;
    throw new PinionError("BAD_BODY", "Cannot read the body: the client broke off");
  }
}

async function readCapped(
  request: Request,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (request.body === null) return NO_BYTES;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let byteLength = 0;
  for await (const chunk of request.body) {
    byteLength += chunk.length;
    if (byteLength > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  const body = new Uint8Array(byteLength);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function tooLarge(maxBytes: number): PinionError {
  return new PinionError("TOO_LARGE", `Cannot read the body: expected at most ${maxBytes} bytes`);
}
