/**
 * How the tests of this folder have a script loaded.
 *
 * @module
 */

import type { LoadMessage } from "../../../contract/isolate/messages/modules.ts";

/** A message that loads `source` as a script. */
export function loadMessage(source: string): LoadMessage {
  return {
    type: "load",
    kind: "script",
    fileName: "script.ts",
    source,
    env: {},
    config: {},
    hashtag: "06S",
    shardId: "1",
  };
}
