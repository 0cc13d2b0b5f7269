/**
 * Random and mutated frames: the scanner and the decoder agree on where frames end, refuse with
 * `BAD_FRAME` only, and always come to an end.
 *
 * `PINION_FUZZ_SEED` repeats a run; `PINION_FUZZ_INPUTS` sets its length.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { PinionError } from "../../errors.ts";
import { FrameScanner } from "../../redis/frame_scanner.ts";
import { RespDecoder } from "../../redis/resp_decoder.ts";
import { CORPUS, joinBytes, toBytes } from "./frame_corpus.ts";
import { watchGrowth } from "../support/growth.ts";
import { createRandom, INPUTS, type Random, SEED } from "../support/random.ts";

const FRAMES = CORPUS.map(({ text }) => toBytes(text)).filter((bytes) => bytes.length < 100);
const ALPHABET = toBytes("+-:$*_#,(!=%~>|?;.0123456789\r\n\r\n\r\n-1tfax\0\x80\xff");

/** Some frames of the corpus, nested at times, with some bytes changed, added or taken away. */
function createInput(random: Random): Uint8Array {
  if (random(10) === 0) {
    return Uint8Array.from({ length: random(60) }, () => ALPHABET[random(ALPHABET.length)]);
  }
  const parts: Uint8Array[] = [];
  for (let count = 1 + random(5); count > 0; count--) {
    if (random(3) === 0) parts.push(toBytes(`${"*%~>|"[random(5)]}${random(4)}\r\n`));
    parts.push(FRAMES[random(FRAMES.length)]);
  }
  const bytes = Array.from(joinBytes(parts));
  for (let count = random(4); count > 0; count--) {
    const at = random(bytes.length + 1);
    const byte = random(4) === 0 ? random(256) : ALPHABET[random(ALPHABET.length)];
    bytes.splice(at, random(2), ...(random(3) === 0 ? [] : [byte]));
  }
  return Uint8Array.from(bytes);
}

/** Ends of frames until something is refused (`refused`) or cut short. */
interface Ends {
  readonly ends: number[];
  readonly refused: boolean;
}

function collectEnds(read: () => number): Ends {
  const ends: number[] = [];
  try {
    for (let end = read(); end >= 0; end = read()) ends.push(end);
    return { ends, refused: false };
  } catch (error) {
    assert(error instanceof PinionError && error.code === "BAD_FRAME", String(error));
    return { ends, refused: true };
  }
}

function scanWhole(bytes: Uint8Array): Ends {
  const scanner = new FrameScanner();
  let at = 0;
  return collectEnds(() => at = scanner.scan(bytes, at));
}

function scanSplit(bytes: Uint8Array, random: Random): Ends {
  const scanner = new FrameScanner();
  let base = 0;
  let chunk = bytes.subarray(0, random(bytes.length + 1));
  let at = 0;
  return collectEnds(() => {
    for (;;) {
      at = scanner.scan(chunk, at);
      if (at >= 0) return base + at;
      base += chunk.length;
      if (base === bytes.length) return -1;
      chunk = bytes.subarray(base, base + 1 + random(bytes.length - base));
      at = 0;
    }
  });
}

function decodeAll(bytes: Uint8Array, read: (decoder: RespDecoder) => void): Ends {
  const decoder = new RespDecoder(bytes);
  return collectEnds(() => {
    if (decoder.done) return -1;
    read(decoder);
    return decoder.offset;
  });
}

Deno.test(`the codec survives ${INPUTS} inputs of seed ${SEED}`, () => {
  const random = createRandom(SEED);
  const checkGrowth = watchGrowth();
  for (let i = 0; i < INPUTS; i++) {
    const bytes = createInput(random);
    const hint = `PINION_FUZZ_SEED=${SEED}, input ${i}: ${JSON.stringify(Array.from(bytes))}`;
    const whole = scanWhole(bytes);
    assertEquals(scanSplit(bytes, random), whole, hint);
    const skipped = decodeAll(bytes, (decoder) => decoder.skip());
    assertEquals(skipped.ends, whole.ends, hint);
    const decoded = decodeAll(bytes, (decoder) => decoder.next());
    assertEquals(decoded.ends, whole.ends.slice(0, decoded.ends.length), hint);
    if (!decoded.refused) assertEquals(decoded.ends, whole.ends, hint);
    if (whole.refused) assert(decoded.refused && skipped.refused, hint);
  }
  checkGrowth();
});
