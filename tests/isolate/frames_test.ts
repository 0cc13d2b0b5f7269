import { assertEquals, assertThrows } from "@std/assert";
import { frameHeader, FrameReader, FrameWriter } from "../../runtime/isolate/frames.ts";

/** Three frames as a stream: an empty one, a short one, and one that spans many chunks. */
const FRAMES: readonly (readonly [channel: number, payload: Uint8Array])[] = [
  [1, new Uint8Array()],
  [0, new TextEncoder().encode("host")],
  [1, Uint8Array.from({ length: 300 }, (_, index) => index)],
];

function stream(): Uint8Array {
  const parts = FRAMES.flatMap(([channel, payload]) => [
    frameHeader(channel, payload.byteLength),
    payload,
  ]);
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test("frames come out whole wherever the stream is cut in two", () => {
  const bytes = stream();
  for (let at = 0; at <= bytes.byteLength; at++) {
    const frames: [number, Uint8Array][] = [];
    const reader = new FrameReader();
    for (const chunk of [bytes.subarray(0, at), bytes.subarray(at)]) {
      reader.push(chunk, (...frame) => frames.push(frame));
    }
    assertEquals(frames, FRAMES.map(([channel, payload]) => [channel, payload]));
  }
});

Deno.test("frames come out whole byte by byte", () => {
  const frames: [number, Uint8Array][] = [];
  const reader = new FrameReader();
  for (const byte of stream()) {
    reader.push(Uint8Array.of(byte), (...frame) => frames.push(frame));
  }
  assertEquals(frames.map(([channel]) => channel), [1, 0, 1]);
  assertEquals(frames[2][1], FRAMES[2][1]);
});

Deno.test("a payload is a copy that its receiver may keep", () => {
  const bytes = stream();
  let kept = new Uint8Array();
  new FrameReader().push(bytes, (channel, payload) => {
    if (channel === 0) kept = payload;
  });
  bytes.fill(0);
  assertEquals(new TextDecoder().decode(kept), "host");
});

Deno.test("a length out of bounds is refused before anything is allocated for it", () => {
  for (const header of [[0, 0, 0, 0, 1], [255, 255, 255, 255, 1]]) {
    assertThrows(
      () => new FrameReader().push(Uint8Array.from(header), () => {}),
      RangeError,
      "out of bounds",
    );
  }
});

Deno.test("a writer keeps the order and joins what waits", async () => {
  const writes: Uint8Array[] = [];
  const writer = new FrameWriter((bytes) => {
    // Writes half of what it gets, as a full socket does.
    const half = bytes.slice(0, Math.ceil(bytes.byteLength / 2));
    writes.push(half);
    return Promise.resolve(half.byteLength);
  }, (error) => {
    throw error;
  });
  for (const [channel, payload] of FRAMES) writer.send(channel, payload);
  await writer.drained();
  assertEquals(new Uint8Array(writes.flatMap((part) => [...part])), stream());
  assertEquals(writer.queuedBytes, 0);
});

Deno.test("a writer whose socket is gone says so once and lets go of what waits", async () => {
  const errors: unknown[] = [];
  const gone = new Deno.errors.BrokenPipe("gone");
  const writer = new FrameWriter(() => Promise.reject(gone), (error) => errors.push(error));
  writer.send(1, new Uint8Array(10));
  writer.send(1, new Uint8Array(10));
  await writer.drained();
  assertEquals(errors, [gone]);
  assertEquals(writer.queuedBytes, 0);
});
