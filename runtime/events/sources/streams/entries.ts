/**
 * Messages of a stream as Redis sent them: raw RESP, cut where one ends and the next begins.
 *
 * The runtime looks at ids only; fields are decoded in the sandbox.
 *
 * @module
 */

import { concatBytes } from "../../../../redis/bytes.ts";
import { RespDecoder, type RespError } from "../../../../redis/resp_decoder.ts";

/** `[id, [field, value, …]]` one after the other; a view of a buffer that does not change. */
export class Entries {
  /** Where each begins, and where the last one ends. */
  readonly #offsets: readonly number[];
  readonly #from: number;
  readonly #bytes: Uint8Array;
  readonly count: number;

  constructor(bytes: Uint8Array, offsets: readonly number[], from = 0, to = offsets.length - 1) {
    this.#bytes = bytes;
    this.#offsets = offsets;
    this.#from = from;
    this.count = to - from;
  }

  static readonly NONE: Entries = new Entries(new Uint8Array(), [0]);

  /** All of their bytes. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(
      this.#offsets[this.#from],
      this.#offsets[this.#from + this.count],
    );
  }

  /** The id at a place, as the bulk string that it came in. */
  rawId(place: number): Uint8Array {
    // "*2\r\n" is before it.
    const start = this.#offsets[this.#from + place] + 4;
    let at = start;
    for (let ends = 0; ends < 2; at++) if (this.#bytes[at] === LF) ends++;
    return this.#bytes.subarray(start, at);
  }

  /** The id at a place: `<ms>-<seq>`. */
  id(place: number): string {
    const raw = this.rawId(place);
    return ascii.decode(raw.subarray(raw.indexOf(LF) + 1, -2));
  }

  /** When the message at a place was added, as its id says. */
  addedAt(place: number): number {
    return Number.parseInt(this.id(place));
  }

  /** Those from `from` to `to - 1`; nothing is copied. */
  slice(from: number, to = this.count): Entries {
    return new Entries(this.#bytes, this.#offsets, this.#from + from, this.#from + to);
  }

  /** How many of those from `from` on have so many bytes together; at least one. */
  countWithin(from: number, maxBytes: number): number {
    const start = this.#offsets[this.#from + from];
    const left = this.count - from;
    if (this.#offsets[this.#from + this.count] - start <= maxBytes) return left;
    let count = 1;
    while (count < left && this.#offsets[this.#from + from + count + 1] - start <= maxBytes) {
      count++;
    }
    return count;
  }

  /** These, and those that came after them. */
  concat(next: Entries): Entries {
    if (this.count === 0) return next;
    if (next.count === 0) return this;
    const bytes = concatBytes([this.bytes, next.bytes]);
    return new Entries(bytes, [...this.#ends(0), ...next.#ends(this.bytes.length).slice(1)]);
  }

  #ends(base: number): number[] {
    const first = this.#offsets[this.#from];
    return this.#offsets.slice(this.#from, this.#from + this.count + 1)
      .map((offset) => offset - first + base);
  }
}

/** What XREADGROUP answered for one stream. */
export interface ReadReply {
  readonly entries: Entries;
  /** Ids of messages that were given to this consumer and are not in the stream any more. */
  readonly goneIds: readonly string[];
  /** Id of the last message that came, gone ones among them. */
  readonly lastId: string | null;
}

const LF = 10;
const MINUS = 45;
const ascii = new TextDecoder();
const NOTHING: ReadReply = { entries: Entries.NONE, goneIds: [], lastId: null };

/** Reads a reply to XREADGROUP of one stream. @throws RespError as Redis answered */
export function parseRead(reply: Uint8Array): ReadReply {
  const decoder = new RespDecoder(reply);
  if (decoder.peekType() === MINUS) throw decoder.next() as RespError;
  if (decoder.readAggregateLength() < 0) return NOTHING;
  decoder.readAggregateLength();
  decoder.skip();
  const count = decoder.readAggregateLength();
  const starts: number[] = [];
  const ends: number[] = [];
  const goneIds: string[] = [];
  let lastId: string | null = null;
  for (let index = 0; index < count; index++) {
    const start = decoder.offset;
    decoder.readAggregateLength();
    const idStart = decoder.offset;
    decoder.skip();
    const isGone = reply[decoder.offset + 1] === MINUS;
    if (isGone || index === count - 1) lastId = idAt(reply, idStart);
    decoder.skip();
    if (isGone) {
      goneIds.push(lastId!);
      continue;
    }
    starts.push(start);
    ends.push(decoder.offset);
  }
  const entries = goneIds.length === 0
    ? new Entries(reply, [...starts, decoder.offset])
    : gather(reply, starts, ends);
  return { entries, goneIds, lastId };
}

/** Those that are between gone ones, moved together. */
function gather(reply: Uint8Array, starts: readonly number[], ends: readonly number[]): Entries {
  const offsets = [0];
  for (const [index, start] of starts.entries()) offsets.push(offsets[index] + ends[index] - start);
  const parts = starts.map((start, index) => reply.subarray(start, ends[index]));
  return new Entries(concatBytes(parts), offsets);
}

/** The id in the bulk string that begins at `start`. */
function idAt(reply: Uint8Array, start: number): string {
  const from = reply.indexOf(LF, start) + 1;
  return ascii.decode(reply.subarray(from, reply.indexOf(LF, from) - 1));
}
