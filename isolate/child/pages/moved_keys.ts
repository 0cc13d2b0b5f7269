/**
 * Reads the keys that left a shard, or came back to it, while it was being read.
 *
 * SCAN sees every key that stays at its server throughout. A key that leaves before SCAN came to
 * it, for a server whose reading is past its place already, would be in no reading. So a shard
 * answers for all slots that it owned when the run began. When its SCAN is over, it looks where
 * those are that it does not own any more, reads them there, and looks again. A slot that left and
 * came back shows in the epoch of its server, which grows when it imports one (unless it is the
 * greatest already): everything is read again then. What was read before it left comes twice, and
 * the reading says so.
 *
 * While a slot moves, its keys go one way only: so its source is read first, then its target.
 *
 * @module
 */

import { concatBytes } from "../../../redis/bytes.ts";
import { RedisLink } from "../../../redis/link/redis_link.ts";
import type { RedisAddress } from "../../../redis/redis_url.ts";
import { RespDecoder, RespError } from "../../../redis/resp_decoder.ts";
import { keySlot, SLOT_COUNT } from "../../../redis/slots.ts";
import type { PageSegment, ReadRequest } from "../../../contract/isolate/worker_border.ts";
import { AskingLink } from "./asking_link.ts";
import { ask, Scanner, withoutValues } from "./key_scanner.ts";
import {
  countSlots,
  findMovedSlots,
  type MovedSlots,
  readMyId,
  returnedSlots,
  type SlotSpan,
  type SlotsSource,
  toSpans,
} from "./moved_slots.ts";
import { eachFrame, type ScannedKeys } from "./scan_reply.ts";
import { ValueReader } from "./value_reader.ts";

/** Servers that are read for slots that left. */
const MAX_READINGS = 64;

type KeysRequest = Extract<ReadRequest, { kind: "keys" }>;
type Segments = AsyncGenerator<readonly PageSegment[], void, void>;

/** A server before or after it was read. */
interface ServerState {
  readonly id: string;
  readonly epoch: string;
  /** The servers of those slots that are not there, or not quite. */
  readonly away: readonly MovedSlots[];
}

/** The slots and keys that are read at one server. */
interface Stop {
  readonly address: RedisAddress;
  readonly spans: readonly SlotSpan[];
  /** The server that was read before it, if slots came from there. */
  readonly source?: SlotsSource;
}

/** Follows the slots of one reading. */
export class MovedKeys {
  readonly #start: Stop;
  readonly #name: string;
  readonly #request: KeysRequest;
  #before: ServerState | null = null;
  #readings = 0;
  #slots = 0;

  /**
   * @param start The shard, and the slots that it answers for.
   * @param name For CLIENT SETNAME.
   */
  constructor(start: Stop, name: string, request: KeysRequest) {
    this.#start = start;
    this.#name = name;
    this.#request = request;
  }

  /** Before the shard is read. */
  async begin(link: RedisLink): Promise<void> {
    this.#before = await readState(link, this.#start);
  }

  /**
   * After the shard was read: pages of the keys that left or came back, as segments.
   *
   * @throws Error with what Redis answered; where slots have moved, at the end, one that says so
   */
  async *rest(link: RedisLink): Segments {
    yield* this.#follow(link, this.#start, this.#before!);
    if (this.#slots > 0) throw new Error(sayMoved(this.#slots));
  }

  /** Reads what may be missing after a server was read. */
  async *#follow(link: RedisLink, stop: Stop, before: ServerState): Segments {
    const after = await readState(link, stop);
    if (after.epoch !== before.epoch) return yield* this.#readAt(stop);
    const { address } = stop;
    const returned = toSpans(returnedSlots(before.away, after.away));
    if (returned.length > 0) yield* this.#readAt({ address, spans: returned });
    const onTheirWay = new Uint8Array(SLOT_COUNT);
    for (const { place, mask, underWay } of after.away) {
      underWay.forEach((bit, slot) => onTheirWay[slot] |= bit);
      yield* this.#readAt({
        address: { ...address, ...place },
        spans: toSpans(mask),
        source: { id: after.id, slots: underWay },
      });
    }
    if (!onTheirWay.includes(1)) return;
    // One that came back meanwhile and has set out again looked there as if it had never been away.
    const { epoch } = await readState(link, stop);
    if (epoch !== after.epoch) yield* this.#readAt({ address, spans: toSpans(onTheirWay) });
  }

  async *#readAt(stop: Stop): Segments {
    if (this.#readings++ === MAX_READINGS) throw new Error(KEEP_MOVING);
    const mask = toMask(stop.spans);
    this.#slots = Math.max(this.#slots, countSlots([{ mask }]));
    using link = await RedisLink.connect(stop.address, { name: this.#name });
    const before = await readState(link, stop);
    const scanner = new Scanner(link, this.#request);
    const values = this.#request.readValue ? new ValueReader(new AskingLink(link), true) : null;
    for (let isOver = false; !isOver;) {
      const scanned = await scanner.next();
      const keys = only(scanned, mask);
      isOver = scanned.cursor === "0";
      if (keys.count > 0) yield values === null ? [withoutValues(keys)] : await values.read(keys);
    }
    yield* this.#follow(link, stop, before);
  }
}

/** The epoch comes last: what moves after the slots were looked up shows in it. */
async function readState(
  link: RedisLink,
  { address, spans, source }: Stop,
): Promise<ServerState> {
  const nodes = await readText(link, "NODES");
  const away = findMovedSlots(nodes, { spans, askedHost: address.host, source });
  const epoch = /cluster_my_epoch:(\d+)/.exec(await readText(link, "INFO"))?.[1] ?? "";
  return { id: readMyId(nodes), epoch, away };
}

async function readText(link: RedisLink, subcommand: "INFO" | "NODES"): Promise<string> {
  const reply = new RespDecoder(await ask(link, ["CLUSTER", subcommand])).next();
  if (reply instanceof RespError) throw new Error(reply.message);
  return String(reply);
}

function toMask(spans: readonly SlotSpan[]): Uint8Array {
  const mask = new Uint8Array(SLOT_COUNT);
  for (const [first, last] of spans) mask.fill(1, first, last + 1);
  return mask;
}

/** The keys whose slots are in the mask. */
function only({ cursor, keys }: ScannedKeys, mask: Uint8Array): ScannedKeys {
  const chosen: Uint8Array[] = [];
  for (const frame of eachFrame(keys)) {
    const start = frame.indexOf("\n".charCodeAt(0)) + 1;
    if (mask[keySlot(frame.subarray(start, -2))] === 1) chosen.push(frame);
  }
  return { cursor, count: chosen.length, keys: concatBytes(chosen) };
}

function sayMoved(slots: number): string {
  return `SLOTSMOVED ${slots} slots moved, or may have, while their keys were read: every key was ` +
    "read, some of them may have been read twice";
}

const KEEP_MOVING =
  "SLOTSMOVED Slots kept moving while their keys were read: some keys may not have been read; run " +
  "it again when the cluster is stable";
