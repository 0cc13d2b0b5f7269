/**
 * `ShardsIDReader`: one record per shard.
 *
 * @module
 */

import type { Reader } from "./reader_kind.ts";

/** The record is the shard's id, or `"1"` where there is no cluster. Source: reference 2.5. */
export const shardsIdReader: Reader = {
  options: [],
  compile: () => ({ reader: "ShardsIDReader" }),
};
