import { assertEquals, assertThrows } from "@std/assert";
import {
  FRAME_HEADER_BYTES,
  frameHeader,
  FrameReader,
  FrameWriter,
  MAX_PAYLOAD_BYTES,
} from "../../../contract/isolate/frames.ts";

type Frame = readonly [channel: number, payload: readonly number[]];

const FRAMES: readonly Frame[] = [
  [0, [1, 2, 3]],
  [1, []],
  [1, Array.from({ length: 300 }, (_, n) => n & 0xff)],
  [255, [0]],
];

function encode(frames: readonly Frame[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    frames.flatMap(([channel, payload]) => [...frameHeader(channel, payload.length), ...payload]),
  );
}

function read(reader: FrameReader, chunks: readonly Uint8Array[]): Frame[] {
  const frames: Frame[] = [];
  for (const chunk of chunks) {
    reader.push(chunk, (channel, payload) => frames.push([channel, [...payload]]));
  }
  return frames;
}

Deno.test("FrameReader finds frames wherever the stream is cut", () => {
  const bytes = encode(FRAMES);
  for (let first = 0; first <= bytes.length; first++) {
    assertEquals(read(new FrameReader(), [bytes.slice(0, first), bytes.slice(first)]), FRAMES);
  }
  for (const size of [1, 2, 3, 4, 5, 6, 7, 100]) {
    const chunks = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
    assertEquals(read(new FrameReader(), chunks), FRAMES);
  }
});

Deno.test("FrameReader finds short frames wherever the stream is cut twice", () => {
  const frames: readonly Frame[] = [[1, []], [0, [9]], [1, [8, 7]]];
  const bytes = encode(frames);
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second++) {
      const chunks = [bytes.slice(0, first), bytes.slice(first, second), bytes.slice(second)];
      assertEquals(read(new FrameReader(), chunks), frames);
    }
  }
});

Deno.test("FrameReader gives payloads that outlive the chunks they came in", () => {
  const reader = new FrameReader();
  const bytes = encode([[1, [1, 2, 3]], [1, [4]]]);
  const payloads: Uint8Array[] = [];
  reader.push(bytes, (_channel, payload) => payloads.push(payload));
  bytes.fill(0);
  assertEquals(payloads.map((payload) => [...payload]), [[1, 2, 3], [4]]);
  for (const payload of payloads) assertEquals(payload.buffer.byteLength, payload.byteLength);
});

Deno.test("FrameReader refuses lengths that cannot be", () => {
  for (const length of [0, MAX_PAYLOAD_BYTES + 2, 0xffffffff]) {
    const header = new Uint8Array(FRAME_HEADER_BYTES);
    new DataView(header.buffer).setUint32(0, length);
    assertThrows(() => new FrameReader().push(header, () => {}), RangeError, "out of bounds");
  }
});

Deno.test("FrameWriter writes all frames in order, however little a write takes", async () => {
  for (const most of [1, 3, 1_000]) {
    const written: number[] = [];
    const writer = new FrameWriter(async (bytes) => {
      await Promise.resolve();
      written.push(...bytes.subarray(0, most));
      return Math.min(most, bytes.byteLength);
    }, () => {});
    for (const [channel, payload] of FRAMES) writer.send(channel, new Uint8Array(payload));
    assertEquals(writer.queuedBytes, encode(FRAMES).byteLength);
    await Promise.resolve();
    writer.send(7, new Uint8Array([7]));
    await writer.drained();
    assertEquals(read(new FrameReader(), [new Uint8Array(written)]), [...FRAMES, [7, [7]]]);
    assertEquals(writer.queuedBytes, 0);
  }
});

Deno.test("FrameWriter tells of a socket that is gone, and stops waiting", async () => {
  const errors: unknown[] = [];
  const gone = new Error("gone");
  const writer = new FrameWriter(() => Promise.reject(gone), (error) => errors.push(error));
  writer.send(0, new Uint8Array([1]));
  await writer.drained();
  assertEquals(errors, [gone]);
  assertEquals(writer.queuedBytes, 0);
});
