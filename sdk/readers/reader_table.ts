/**
 * The table of readers.
 *
 * @module
 */

import { generatorReader } from "./generator_reader.ts";
import { keysOnlyReader } from "./keys_only_reader.ts";
import { keysReader } from "./keys_reader.ts";
import type { Reader } from "./reader_kind.ts";
import { shardsIdReader } from "./shards_id_reader.ts";
import { streamReader } from "./stream_reader.ts";

/**
 * Every reader by name; null where it has no `run()`: a CommandReader or a TimeReader waits for
 * events.
 */
export const READERS: Readonly<Record<string, Reader | null>> = {
  __proto__: null as never,
  KeysReader: keysReader,
  KeysOnlyReader: keysOnlyReader,
  StreamReader: streamReader,
  GeneratorReader: generatorReader,
  ShardsIDReader: shardsIdReader,
  CommandReader: null,
  TimeReader: null,
};
