/**
 * The mean of the vectors that the hashes `vec:*` hold in their fields `x`, `y` and `z`.
 *
 * The first `accumulate` sums up the vectors of one shard; `collect` brings the sums together and
 * the second one adds them.
 *
 * ```sh
 * redis-cli -p 6380 HSET vec:1 x 1 y 2 z 3
 * redis-cli -p 6380 HSET vec:2 x 3 y 4 z 5
 * deno task pinion run examples/vector_mean.ts
 * ```
 *
 * @module
 */
import { GearsBuilder } from "pinion";

interface Sum {
  count: number;
  x: number;
  y: number;
  z: number;
}

function add(a: Sum = { count: 0, x: 0, y: 0, z: 0 }, b: Sum): Sum {
  return { count: a.count + b.count, x: a.x + b.x, y: a.y + b.y, z: a.z + b.z };
}

new GearsBuilder("KeysReader")
  .filter((record) => record.type === "hash")
  .map(({ value }) => ({ count: 1, x: Number(value.x), y: Number(value.y), z: Number(value.z) }))
  .accumulate(add)
  .collect()
  .accumulate(add)
  .map(({ count, x, y, z }) => ({ x: x / count, y: y / count, z: z / count, count }))
  .run("vec:*");
