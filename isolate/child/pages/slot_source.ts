/**
 * Finds the keys of a shard of a cluster slot by slot, instead of by SCAN: keys of one slot can be
 * read together by one MGET, which spares the server most of its work.
 *
 * Only where it pays: many keys, of which the pattern takes most, none too many in one slot.
 *
 * @module
 */

import { concatBytes } from "../../../redis/bytes.ts";
import type { RedisLink } from "../../../redis/link/redis_link.ts";
import { RespDecoder, RespError } from "../../../redis/resp_decoder.ts";
import { RespEncoder } from "../../../redis/resp_encoder.ts";
import type { PageSegment, ReadRequest } from "../../../contract/isolate/worker_border.ts";
import { bulkEnd, lengthAt, lineEnd } from "./bulk_strings.ts";
import { compileGlob, type MatchKey } from "./glob.ts";
import { type KeySource, nextCount } from "./key_source.ts";
import { parseScanReply, type ScannedKeys } from "./scan_reply.ts";

/** Fewer keys are scanned. */
const LEAST_KEYS = 20_000;
/** More keys in one slot would hold up the server while it names them. */
const MOST_KEYS_IN_SLOT = 10_000;
/** Keys that a slot is asked to name: more than it can have got since its keys were counted. */
const MOST_NAMED = 1_000_000;
/** Smallest part of the keys that the pattern must take. */
const LEAST_PART = 0.5;
const SAMPLE_KEYS = 1_000;

type KeysRequest = Extract<ReadRequest, { kind: "keys" }>;

interface SlotKeys {
  readonly slot: number;
  readonly count: number;
}

/** Finds keys slot by slot. */
export class SlotSource implements KeySource {
  readonly #link: RedisLink;
  readonly #slots: readonly SlotKeys[];
  readonly #matches: MatchKey;
  readonly #maxCount: number;
  readonly #encoder = new RespEncoder();
  #at = 0;
  count: number;

  /** A source for these keys; null where they are better scanned. */
  static async open(
    link: RedisLink,
    request: KeysRequest,
    expected: number,
  ): Promise<SlotSource | null> {
    if (expected < LEAST_KEYS || !canMatch(request.pattern)) return null;
    const match = request.pattern === "*" ? [] : ["MATCH", request.pattern];
    const sample = parseScanReply(
      await send(link, [["SCAN", "0", ...match, "COUNT", String(SAMPLE_KEYS)]]),
    );
    if (sample.count < SAMPLE_KEYS * LEAST_PART) return null;
    const slots = await countKeys(link);
    return slots === null ? null : new SlotSource(link, request, slots);
  }

  private constructor(link: RedisLink, request: KeysRequest, slots: readonly SlotKeys[]) {
    this.#link = link;
    this.#slots = slots;
    this.#matches = compileGlob(request.pattern);
    this.#maxCount = request.count;
    this.count = request.count;
  }

  async next(): Promise<ScannedKeys> {
    const first = this.#at;
    let keys = 0;
    for (; this.#at < this.#slots.length && keys < this.count; this.#at++) {
      const { slot, count } = this.#slots[this.#at];
      // Many may have come since they were counted.
      this.#encoder.command(["CLUSTER", "GETKEYSINSLOT", slot, MOST_NAMED]);
      keys += count;
    }
    const slots = this.#at - first;
    const cursor = this.#at === this.#slots.length ? "0" : String(this.#at);
    if (slots === 0) return { cursor, count: 0, keys: new Uint8Array(), groups: [] };
    const reply = await this.#link.request(this.#encoder.take(), slots);
    return { cursor, ...this.#take(reply, slots) };
  }

  adapt(segments: readonly PageSegment[]): void {
    this.count = nextCount(this.count, this.#maxCount, segments);
  }

  /** The keys that match, with how many of them each slot has. */
  #take(reply: Uint8Array, slots: number): Omit<ScannedKeys, "cursor"> {
    const parts: Uint8Array[] = [];
    const groups: number[] = [];
    let total = 0;
    for (let slot = 0, at = 0; slot < slots; slot++) {
      if (reply[at] === ERROR) {
        throw new Error((new RespDecoder(reply.subarray(at)).next() as RespError).message);
      }
      const length = lengthAt(reply, at);
      at = lineEnd(reply, at);
      let kept = 0;
      let from = at;
      for (let index = 0; index < length; index++) {
        const end = bulkEnd(reply, at);
        if (this.#matches(reply, lineEnd(reply, at), end - 2)) kept++;
        else {
          if (from < at) parts.push(reply.subarray(from, at));
          from = end;
        }
        at = end;
      }
      if (from < at) parts.push(reply.subarray(from, at));
      if (kept > 0) groups.push(kept);
      total += kept;
    }
    return { count: total, keys: concatBytes(parts), groups };
  }
}

/** Tells whether the pattern means the same on every platform that Redis runs on. */
function canMatch(pattern: string): boolean {
  // deno-lint-ignore no-control-regex
  return !pattern.includes("[") || /^[\x00-\x7f]*$/.test(pattern);
}

const ERROR = "-".charCodeAt(0);

/** Counts the keys of each slot of this shard; null where the server does not say, or too many. */
async function countKeys(link: RedisLink): Promise<SlotKeys[] | null> {
  const replies = new RespDecoder(await send(link, [["CLUSTER", "MYID"], ["CLUSTER", "SLOTS"]]));
  const [myId, ranges] = [replies.next(), replies.next()];
  if (myId instanceof RespError || !Array.isArray(ranges)) return null;
  const slots: number[] = [];
  for (const [first, last, master] of ranges as [number, number, [string, number, string]][]) {
    if (master[2] !== myId) continue;
    for (let slot = first; slot <= last; slot++) slots.push(slot);
  }
  const counts = new RespDecoder(
    await send(link, slots.map((slot) => ["CLUSTER", "COUNTKEYSINSLOT", String(slot)])),
  );
  const found: SlotKeys[] = [];
  for (const slot of slots) {
    const count = counts.next();
    if (typeof count !== "number" || count > MOST_KEYS_IN_SLOT) return null;
    if (count > 0) found.push({ slot, count });
  }
  return found;
}

function send(link: RedisLink, commands: readonly (readonly string[])[]): Promise<Uint8Array> {
  const encoder = new RespEncoder();
  for (const command of commands) encoder.command(command);
  return link.request(encoder.take(), commands.length);
}
