import { assertEquals, assertThrows } from "@std/assert";
import {
  encodeHeader,
  FRAME,
  type Frame,
  FRAME_HEADER_BYTES,
  FrameDecoder,
  MAX_FRAME_BYTES,
} from "../../../coordinator/mesh/link/mesh_frames.ts";
import { joinBytes } from "../../../coordinator/mesh/link/join.ts";
import { createRandom, INPUTS, type Random, SEED } from "../../support/random.ts";

const TYPES = Object.values(FRAME);

function randomBytes(random: Random, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, () => random(256));
}

Deno.test("frames come out as they went in, however the bytes are cut", () => {
  const random = createRandom(SEED);
  for (let round = 0; round < 200; round++) {
    const sent: Frame[] = Array.from({ length: 1 + random(20) }, () => ({
      type: TYPES[random(TYPES.length)],
      flags: random(4),
      number: random(2 ** 31) * 2 ** 16 + random(2 ** 16),
      id: random(2 ** 31),
      payload: randomBytes(random, random(4) === 0 ? 0 : random(300)),
    }));
    const stream = joinBytes(sent.flatMap(({ payload, ...head }) => [
      encodeHeader(head, payload.byteLength),
      payload,
    ]));
    const received: Frame[] = [];
    const decoder = new FrameDecoder();
    for (let at = 0; at < stream.byteLength;) {
      const count = 1 + random(100);
      decoder.push(stream.slice(at, at + count), (frame) => received.push(frame));
      at += count;
    }
    assertEquals(received, sent, `seed ${SEED}`);
  }
});

Deno.test("a payload has a buffer of its own", () => {
  const payload = new Uint8Array([1, 2, 3]);
  const chunk = joinBytes([encodeHeader({ type: FRAME.data }, 3), payload]);
  new FrameDecoder().push(chunk, (frame) => {
    chunk.fill(0);
    assertEquals(frame.payload, payload);
    assertEquals(frame.payload.buffer.byteLength, 3);
  });
});

Deno.test("random bytes are refused or decoded, and nothing else", () => {
  const random = createRandom(SEED);
  let refused = 0;
  for (let round = 0; round < INPUTS; round++) {
    const decoder = new FrameDecoder();
    const bytes = randomBytes(random, 5 + random(200));
    // Half of the rounds begin with a type that exists and a small length.
    if (round % 2 === 0) bytes.set([0, 0, 0, random(64), TYPES[random(TYPES.length)]]);
    try {
      for (let at = 0; at < bytes.byteLength; at += 7) {
        decoder.push(bytes.slice(at, at + 7), ({ type, flags, payload }) => {
          assertEquals(TYPES.includes(type) && flags < 4, true);
          assertEquals(payload.byteLength <= MAX_FRAME_BYTES, true);
        });
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      refused++;
    }
  }
  assertEquals(refused > INPUTS / 5, true, `seed ${SEED}`);
});

Deno.test("a flipped bit in a header never makes a frame that is too large", () => {
  for (let bit = 0; bit < FRAME_HEADER_BYTES * 8; bit++) {
    const header = encodeHeader({ type: FRAME.data, number: 5, id: 9 }, 100);
    header[bit >> 3] ^= 1 << (bit & 7);
    const decoder = new FrameDecoder();
    try {
      decoder.push(joinBytes([header, new Uint8Array(100)]), ({ payload }) => {
        assertEquals(payload.byteLength <= 100, true);
      });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
});

Deno.test("a payload above the limit is refused before any of it has come", () => {
  const decoder = new FrameDecoder();
  decoder.maxBytes = 1_000;
  const header = encodeHeader({ type: FRAME.hello }, 1_001);
  assertThrows(() => decoder.push(header, () => {}), RangeError, "at most 1000");
});
