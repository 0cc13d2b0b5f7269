/**
 * Cleans up every night at half past three in Vienna: reports that nobody has asked for in a month
 * are deleted.
 *
 * ```sh
 * deno task deploy examples/cron_cleanup.ts --env CRON="30 3 * * *"
 * deno task pinion registrations
 * ```
 *
 * It runs on every shard over its own keys. A run that still goes on when the next is due skips it.
 *
 * @module
 */
import { env, execute, GearsBuilder, log } from "pinion";

const MAX_IDLE_SECONDS = Number(env.MAX_IDLE_SECONDS ?? 2_592_000);

/** The keys of this shard that match, page by page. */
async function* scan(pattern: string): AsyncGenerator<string[]> {
  let cursor = "0";
  do {
    const [next, keys] = await execute("SCAN", cursor, "MATCH", pattern, "COUNT", 1000);
    yield keys;
    cursor = next;
  } while (cursor !== "0");
}

new GearsBuilder("TimeReader")
  .map(async () => {
    let deleted = 0;
    for await (const keys of scan("report:*")) {
      const idle = await Promise.all(keys.map((key) => execute("OBJECT", "IDLETIME", key)));
      const old = keys.filter((_, at) => idle[at] > MAX_IDLE_SECONDS);
      await Promise.all(old.map((key) => execute("UNLINK", key)));
      deleted += old.length;
    }
    return deleted;
  })
  .forEach((deleted) => log(`deleted ${deleted} reports`))
  .register({ cron: env.CRON ?? "30 3 * * *", timeZone: "Europe/Vienna", on: "all" });
