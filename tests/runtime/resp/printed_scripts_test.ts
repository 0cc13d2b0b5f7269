import { assertMatch } from "@std/assert";
import { printedScriptTest } from "../../support/given_folders.ts";
import { startRuntime } from "../../support/start_runtime.ts";
import { encodeCommand, RawClient } from "./raw_client.ts";

const FILES = [
  "all_keys.py",
  "audit_counts.py",
  "audit_log.py",
  "delete_older_users.py",
  "movies_by_genre.py",
  "stream_to_keys.py",
  "vector_mean.py",
  "vector_mean_one_line.py",
  "word_count.py",
];

for (const file of FILES) {
  printedScriptTest(file, async (script) => {
    await using runtime = await startRuntime();
    using client = await RawClient.connect(runtime.resp);
    await client.send(encodeCommand("RG.PYEXECUTE", script) + encodeCommand("QUIT"));
    assertMatch(await client.rest(), /^-ERR .*RG\.TSEXECUTE.*\r\n\+OK\r\n$/);
  });
}
