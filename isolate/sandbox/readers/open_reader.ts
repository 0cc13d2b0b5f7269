/**
 * Opens the reader of a plan: the one place that knows which readers need the host thread.
 *
 * @module
 */

import { GearsError } from "../../../sdk/base/gears_error.ts";
import type {
  GeneratorReaderSpec,
  KeysOnlyReaderSpec,
  ReaderSpec,
} from "../../../contract/plan/reader_spec.ts";
import { PageSource } from "./page_source.ts";
import type { Callback, StepContext } from "../steps/step_runner.ts";
import type { ClusterPosition } from "../../../contract/isolate/messages/execution_messages.ts";
import type { EventRecords } from "./event_records.ts";
import { readEvents } from "./happened_events.ts";
import type { OpenReader } from "./reader.ts";
import type { PageSegment, ReadRequest } from "../../../contract/isolate/worker_border.ts";
import { decodeEntries, decodeKeys, decodeRecords } from "./decode_segment.ts";

/** Keys that a KeysReader scans at a time: about 0.7 ms of the server. */
const SCAN_COUNT = 1_000;
/** Records that a generator's batch has at most. */
const GENERATOR_BATCH = 1_000;
/** Time for which a generator may gather a batch before it is passed on, in milliseconds. */
const GENERATOR_PATIENCE_MS = 20;

/** A shard as its readers need to know it. */
export interface ReaderDeps {
  /** The record of a ShardsIDReader. */
  readonly shardId: string;
  /** Owners of the slots; absent where no other shard takes part. */
  readonly cluster?: Pick<ClusterPosition, "self" | "slots">;
  /** Records of an EventsReader. */
  readonly events?: readonly EventRecords[];
}

/** Opens the reader of a plan. */
export function openReader(
  spec: ReaderSpec,
  context: StepContext,
  { shardId, cluster, events }: ReaderDeps,
): OpenReader {
  const slots = cluster === undefined ? {} : { slots: listOwnSlots(cluster) };
  switch (spec.reader) {
    case "KeysReader":
      return readPages(
        {
          kind: "keys",
          pattern: spec.pattern,
          count: SCAN_COUNT,
          noScan: spec.noScan,
          readValue: spec.readValue,
          emptyRecord: true,
          ...slots,
        },
        decodeRecords,
      );
    case "KeysOnlyReader":
      return readKeys(spec, context, slots);
    case "StreamReader":
      return readPages(
        { kind: "stream", key: spec.key, fromId: spec.fromId },
        (segment) => decodeEntries(segment, spec.key),
      );
    case "GeneratorReader":
      return readGenerator(spec, context);
    case "ShardsIDReader":
      return readShardId(shardId);
    case "EventsReader":
      return readEvents(events ?? []);
    default:
      spec satisfies never;
      throw new GearsError("The given reader does not exists");
  }
}

/** The slots of the own shard. */
function listOwnSlots(
  { self, slots }: Pick<ClusterPosition, "self" | "slots">,
): [number, number][] {
  const own: [number, number][] = [];
  let first = 0;
  for (const [last, shard] of slots) {
    if (shard === self) own.push([first, last]);
    first = last + 1;
  }
  return own;
}

async function* readPages(
  request: ReadRequest,
  decode: (segment: PageSegment) => unknown[],
): OpenReader {
  using source = new PageSource(request);
  for (let page = await source.next(); page !== null; page = await source.next()) {
    for (const segment of page.segments) {
      const records = decode(segment);
      if (records.length > 0) {
        yield { records, scanned: page.scanned, expected: page.expected };
      }
    }
  }
}

async function* readKeys(
  spec: KeysOnlyReaderSpec,
  context: StepContext,
  slots: Pick<Extract<ReadRequest, { kind: "keys" }>, "slots">,
): OpenReader {
  let { pattern, noScan } = spec;
  if (spec.patternGenerator !== undefined) {
    const generated = await context.callback(spec.patternGenerator)();
    if (!Array.isArray(generated) || typeof generated[0] !== "string") {
      throw new GearsError("patternGenerator must return [pattern, noScan]");
    }
    pattern = generated[0];
    noScan = Boolean(generated[1]);
  }
  yield* readPages(
    {
      ...{ kind: "keys", pattern, count: spec.count, noScan, readValue: false, emptyRecord: false },
      ...slots,
    },
    decodeKeys,
  );
}

async function* readGenerator(spec: GeneratorReaderSpec, context: StepContext): OpenReader {
  const iterable = await (context.callback(spec.generator) as Callback)();
  const isSync = typeof iterable?.[Symbol.iterator] === "function";
  if (!isSync && typeof iterable?.[Symbol.asyncIterator] !== "function") {
    throw new GearsError(
      "GeneratorReader: the function must return an iterable, such as what a generator function returns",
    );
  }
  let records: unknown[] = [];
  let deadline = performance.now() + GENERATOR_PATIENCE_MS;
  try {
    // A loop without awaits where the generator is sync: several million records a second.
    const source = isSync ? (iterable as Iterable<unknown>)[Symbol.iterator]() : null;
    const asyncSource = source === null
      ? (iterable as AsyncIterable<unknown>)[Symbol.asyncIterator]()
      : null;
    try {
      while (true) {
        const { done, value } = source ? source.next() : await asyncSource!.next();
        if (done) break;
        records.push(value);
        const isLate = asyncSource !== null && performance.now() >= deadline;
        if (records.length >= GENERATOR_BATCH || isLate) {
          const batch = records;
          records = [];
          yield { records: batch };
          deadline = performance.now() + GENERATOR_PATIENCE_MS;
        }
      }
    } finally {
      // Where the pipeline needs no more, the generator may clean up.
      await (source?.return?.() ?? asyncSource?.return?.());
    }
  } catch (error) {
    context.fail(error);
  }
  if (records.length > 0) yield { records };
}

async function* readShardId(shardId: string): OpenReader {
  yield { records: [shardId] };
}
