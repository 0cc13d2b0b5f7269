import { assertEquals } from "@std/assert";
import { RedisLink } from "../../../../../redis/link/redis_link.ts";
import { LogBook } from "../../../../../runtime/base/log_book.ts";
import { StreamFinder } from "../../../../../runtime/events/sources/streams/stream_finder.ts";
import { StreamLink } from "../../../../../runtime/events/sources/streams/stream_link.ts";
import { ManagedServer } from "../../../../../servers/managed_server.ts";
import { ask } from "../../../../redis/commands.ts";
import { waitUntil } from "../../../../support/wait_until.ts";

/** How long the server does not answer, as on a machine that is busy with other things. */
const STOPPED_MS = 500;

Deno.test("a look that had to wait does not put off the next one", async () => {
  await using server = await ManagedServer.start();
  using streams = new StreamLink(server.address);
  using link = await RedisLink.connect(server.address);
  const found = new Set<string>();
  await using finder = new StreamFinder(streams, new LogBook(() => {}), {
    onFound: (key) => found.add(key),
    isWanted: () => true,
  });
  await streams.connect();
  server.kill("SIGSTOP");
  const looking = finder.look();
  await new Promise((resolve) => setTimeout(resolve, STOPPED_MS));
  server.kill("SIGCONT");
  await looking;
  assertEquals(found.size, 0);
  await ask(link, "XADD", "s", "*", "n", "1");
  await waitUntil(() => found.has("s"));
});
