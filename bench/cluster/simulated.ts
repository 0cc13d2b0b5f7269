/**
 * How a shuffle grows with the number of shards, by real plans, placement, batches and channels,
 * over links inside of one process: a hundred runtimes are more than a machine has room for. Bytes
 * and memory are what they would be; times are not, as all shards share one core.
 *
 * @module
 */

import { linkInProcess } from "../../coordinator/mesh/peers/in_process_mesh.ts";
import { SLOT_COUNT } from "../../redis/slots.ts";
import { windowBytes } from "../../runtime/execution/execution_limits.ts";
import type { ClusterPosition } from "../../contract/isolate/messages/execution_messages.ts";
import type { Batch } from "../../isolate/sandbox/base/batch.ts";
import { compileBuilder, GB } from "../../sdk/gears_builder.ts";
import type { Benchmark } from "../harness/benchmark.ts";
import { makeRow, type Row, type Unit } from "../harness/row.ts";
import { summarize } from "../harness/statistics.ts";
import { SimulatedShard } from "./simulated_shard.ts";

const MIB = 1024 * 1024;
const FEW = 3;
const MANY = 100;
/** Records of all shards together, for each key of the options. */
const RECORDS_PER_KEY = 0.3;
const RECORD_BYTES = 100;
const BATCH_RECORDS = 1_000;
/** Time between two looks at the memory, in milliseconds. */
const LOOK_MS = 20;

/** What one run came to. */
interface Measured {
  readonly bytesPerRecord: number;
  readonly mibPerShard: number;
  readonly linkMib: number;
  readonly peakMib: number;
}

/** See the module. */
export const simulated: Benchmark = {
  name: "simulated",
  summary: `a repartition over ${FEW} and ${MANY} shards that share one process`,
  async run({ options: { keys } }) {
    const records = Math.floor(keys * RECORDS_PER_KEY);
    const few = await measure(FEW, records);
    const many = await measure(MANY, records);
    const row = (figure: keyof Measured, title: string, unit: Unit): Row =>
      makeRow({
        name: `simulated/${figure}`,
        title: `${title}, ${MANY} shards`,
        unit,
        ours: summarize([many[figure]]),
        baseline: { title: `${FEW} shards`, figure: summarize([few[figure]]) },
      });
    return [
      row("bytesPerRecord", `repartition of ${RECORD_BYTES}-byte records: mesh`, "B/record"),
      row(
        "mibPerShard",
        `sent by each shard, of ${records.toLocaleString("en-US")} records`,
        "MiB",
      ),
      row("linkMib", "memory of all idle links", "MiB"),
      row("peakMib", "memory of all shards while they shuffle, at most", "MiB"),
    ];
  },
};

async function measure(count: number, records: number): Promise<Measured> {
  const shards = Array.from({ length: count }, (_, shard) => `shard-${shard}`);
  const before = Deno.memoryUsage().rss;
  await using linked = await linkInProcess(shards);
  const linkBytes = Deno.memoryUsage().rss - before;
  // deno-lint-ignore no-explicit-any
  const builder = GB("KeysReader").repartition((record: any) => record.key);
  const compiled = compileBuilder(builder, "*", {});
  const simulated = shards.map((id, self) =>
    new SimulatedShard({
      compiled,
      shards,
      place: placeOf(count, self),
      mesh: linked.meshes.get(id)!,
    })
  );
  let peak = 0;
  const clock = setInterval(() => peak = Math.max(peak, Deno.memoryUsage().rss), LOOK_MS);
  const perShard = Math.floor(records / count);
  await Promise.all(simulated.map((shard, self) => shard.run(makeBatches(self, perShard))));
  clearInterval(clock);
  const results = simulated.reduce((sum, shard) => sum + shard.results, 0);
  if (results !== perShard * count) throw new Error(`${results} of ${perShard * count} came out`);
  const stats = shards.flatMap((id) => linked.meshes.get(id)!.stats());
  const sentBytes = stats.reduce((sum, peer) => sum + peer.sentBytes, 0);
  return {
    bytesPerRecord: sentBytes / results,
    mibPerShard: sentBytes / count / MIB,
    linkMib: linkBytes / MIB,
    peakMib: (peak - before) / MIB,
  };
}

/** Each shard with as many slots as the next. */
function placeOf(shards: number, self: number): ClusterPosition {
  const slots = Array.from(
    { length: shards },
    (_, shard) => [Math.floor((shard + 1) * SLOT_COUNT / shards) - 1, shard] as const,
  );
  return { shards, self, initiator: 0, slots, windowBytes: windowBytes(shards) };
}

function* makeBatches(shard: number, count: number): Generator<Batch> {
  for (let from = 0; from < count; from += BATCH_RECORDS) {
    const length = Math.min(BATCH_RECORDS, count - from);
    const records = Array.from({ length }, (_, index) => {
      const key = `key:${shard}:${from + index}`;
      return { key, value: "v".repeat(RECORD_BYTES - key.length) };
    });
    yield { records, keys: null };
  }
}
