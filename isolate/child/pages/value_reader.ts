/**
 * Reads the values of a page of keys whose types are not known.
 *
 * Keys of a shard tend to be alike, so the reader takes them for the type that it saw last and asks
 * for values at once: for strings one MGET, for the others one command each, pipelined. Keys that
 * turn out to be of another type are read again after TYPE.
 *
 * @module
 */

import { concatBytes } from "../../../redis/bytes.ts";
import { RespDecoder } from "../../../redis/resp_decoder.ts";
import { type RespArgument, RespEncoder } from "../../../redis/resp_encoder.ts";
import type { PageSegment, SegmentType } from "../../../contract/isolate/worker_border.ts";
import type { RequestLink } from "./asking_link.ts";
import { bulksEnd, lineEnd } from "./bulk_strings.ts";
import { eachFrame, isElsewhere, type ScannedKeys, throwIfError } from "./scan_reply.ts";

/** The command that reads the value of a type: `head key tail`. */
interface ReadCommand {
  readonly head: readonly RespArgument[];
  /** Encoded arguments after the key. */
  readonly tail: readonly RespArgument[];
}

type ValueType = Extract<SegmentType, "string" | "list" | "hash" | "set" | "zset" | "stream">;

const READ_COMMANDS: Readonly<Record<ValueType, ReadCommand>> = {
  string: { head: ["GET"], tail: [] },
  list: { head: ["LRANGE"], tail: ["0", "-1"] },
  hash: { head: ["HGETALL"], tail: [] },
  set: { head: ["SMEMBERS"], tail: [] },
  zset: { head: ["ZRANGE"], tail: ["0", "-1", "WITHSCORES"] },
  stream: { head: ["XRANGE"], tail: ["-", "+"] },
};

const ERROR = "-".charCodeAt(0);
const BULK = "$".charCodeAt(0);
const MINUS = "-".charCodeAt(0);

/** A key, as a bulk string, of a page. */
interface PlacedKey {
  readonly frame: Uint8Array;
  readonly place: number;
}

/** Reads the values of a page of keys. */
export class ValueReader {
  readonly #link: RequestLink;
  readonly #clustered: boolean;
  readonly #encoder = new RespEncoder();
  /** The type that keys are taken for. */
  #guess: ValueType = "string";

  /** @param clustered Whether MGET must be avoided, since keys lie in different slots. */
  constructor(link: RequestLink, clustered: boolean) {
    this.#link = link;
    this.#clustered = clustered;
  }

  /** The keys with their values, grouped by type. Keys that are gone are in no group. */
  async read(page: ScannedKeys): Promise<readonly PageSegment[]> {
    if (page.count === 0) return [];
    const guessed = await this.#readAs(this.#guess, page);
    const others = this.#mismatches(guessed);
    if (others.length === 0) return [guessed];
    const byType = await this.#groupByType(others);
    this.#guess = mostFrequent(byType, page.count - others.length) ?? this.#guess;
    const rest = await Promise.all(
      Array.from(byType, ([type, keys]) => {
        const group = toPage(keys);
        return type === "module"
          ? Promise.resolve<PageSegment>({ ...group, type, values: null })
          : this.#readAs(type, group);
      }),
    );
    return others.length === page.count ? rest : [guessed, ...rest];
  }

  /** The keys that are there, grouped by type, without values. */
  async readTypes(page: ScannedKeys): Promise<readonly PageSegment[]> {
    const keys = Array.from(eachFrame(page.keys), (frame, place) => ({ frame, place }));
    const byType = await this.#groupByType(keys);
    return Array.from(byType, ([type, keys]) => ({ ...toPage(keys), type, values: null }));
  }

  async #readAs(type: ValueType, page: ScannedKeys): Promise<PageSegment> {
    const { count, keys, groups, places } = page;
    const values = await this.#readValues(type, { count, keys, groups });
    return { type, count, keys, values, ...(places !== undefined && { places }) };
  }

  async #readValues(
    type: ValueType,
    { count, keys, groups }: Pick<ScannedKeys, "count" | "keys" | "groups">,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (type === "string" && !this.#clustered) {
      this.#encoder.rawCommand(count + 1, ["MGET"], keys);
      const values = await this.#link.request(this.#encoder.take(), 1);
      throwIfError(new RespDecoder(values));
      return owned(values);
    }
    if (type === "string" && groups !== undefined) return await this.#readGroups(keys, groups);
    const { head, tail } = READ_COMMANDS[type];
    const suffix = encodeArguments(tail);
    for (const key of eachFrame(keys)) {
      const args = suffix.byteLength === 0 ? key : concatBytes([key, suffix]);
      this.#encoder.rawCommand(head.length + 1 + tail.length, head, args);
    }
    const replies = await this.#link.request(this.#encoder.take(), count);
    return type === "string" ? toArray(replies, count) : owned(replies);
  }

  /** The values of keys in groups that share a slot, as one array. */
  async #readGroups(
    keys: Uint8Array,
    groups: readonly number[],
  ): Promise<Uint8Array<ArrayBuffer>> {
    let at = 0;
    for (const count of groups) {
      const end = bulksEnd(keys, at, count);
      this.#encoder.rawCommand(count + 1, ["MGET"], keys.subarray(at, end));
      at = end;
    }
    return toOneArray(await this.#link.request(this.#encoder.take(), groups.length), groups);
  }

  /** The keys whose reply shows that they are not of the segment's type. */
  #mismatches({ type, keys, values }: PageSegment): PlacedKey[] {
    const replies = new RespDecoder(values!);
    if (type === "string") replies.readAggregateLength();
    const mismatches: PlacedKey[] = [];
    // The keys are walked only as far as a mismatch needs it: mostly there is none.
    let keyFrames: Uint8Array[] | null = null;
    for (let index = 0; !replies.done; index++) {
      const start = replies.offset;
      replies.skip();
      const isError = values![start] === ERROR;
      const isNull = values![start] === BULK && values![start + 1] === MINUS;
      if (!isError && !isNull) continue;
      keyFrames ??= [...eachFrame(keys)];
      mismatches.push({ frame: keyFrames[index], place: index });
    }
    return mismatches;
  }

  /** The keys by what TYPE says of them; keys that are gone are left out. */
  async #groupByType(
    keys: readonly PlacedKey[],
  ): Promise<Map<ValueType | "module", PlacedKey[]>> {
    for (const { frame } of keys) this.#encoder.rawCommand(2, ["TYPE"], frame);
    const bytes = await this.#link.request(this.#encoder.take(), keys.length);
    const replies = new RespDecoder(bytes);
    const groups = new Map<ValueType | "module", PlacedKey[]>();
    for (const key of keys) {
      // It has left for another server since it was scanned.
      if (isElsewhere(bytes.subarray(replies.offset))) {
        replies.skip();
        continue;
      }
      throwIfError(replies);
      const name = String(replies.next());
      if (name === "none") continue;
      const type = Object.hasOwn(READ_COMMANDS, name) ? name as ValueType : "module";
      const group = groups.get(type);
      if (group === undefined) groups.set(type, [key]);
      else group.push(key);
    }
    return groups;
  }
}

/** Keys as a page of their own. */
function toPage(keys: readonly PlacedKey[]): ScannedKeys {
  return {
    cursor: "0",
    count: keys.length,
    keys: concatBytes(keys.map(({ frame }) => frame)),
    places: keys.map(({ place }) => place),
  };
}

/** The type with the largest group, if that has more than `size` keys. */
function mostFrequent(
  groups: ReadonlyMap<ValueType | "module", readonly unknown[]>,
  size: number,
): ValueType | undefined {
  let best: ValueType | undefined;
  for (const [type, keys] of groups) {
    if (type !== "module" && keys.length > size) [best, size] = [type, keys.length];
  }
  return best;
}

/** Arguments as bulk strings without the header of a command. */
function encodeArguments(args: readonly RespArgument[]): Uint8Array {
  if (args.length === 0) return new Uint8Array();
  const encoder = new RespEncoder(256);
  encoder.command(args);
  const bytes = encoder.take();
  return bytes.subarray(bytes.indexOf("\n".charCodeAt(0)) + 1);
}

/** Arrays of bulk strings as one; a group that was refused, since its slot moves, is all null. */
function toOneArray(replies: Uint8Array, groups: readonly number[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let group = 0, at = 0; group < groups.length; group++) {
    total += groups[group];
    const start = lineEnd(replies, at);
    if (replies[at] === ERROR) {
      parts.push(new TextEncoder().encode("$-1\r\n".repeat(groups[group])));
      at = start;
    } else {
      at = bulksEnd(replies, start, groups[group]);
      parts.push(replies.subarray(start, at));
    }
  }
  return concatBytes([new TextEncoder().encode(`*${total}\r\n`), ...parts]);
}

/** Replies as the elements of one array; those that are no bulk string become null. */
function toArray(replies: Uint8Array, count: number): Uint8Array<ArrayBuffer> {
  const nil = new TextEncoder().encode("$-1\r\n");
  const elements = Array.from(eachFrame(replies), (frame) => frame[0] === BULK ? frame : nil);
  return concatBytes([new TextEncoder().encode(`*${count}\r\n`), ...elements]);
}

/** The bytes in a buffer of their own, which can be transferred. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.byteLength === bytes.buffer.byteLength
    ? bytes as Uint8Array<ArrayBuffer>
    : new Uint8Array(bytes);
}
