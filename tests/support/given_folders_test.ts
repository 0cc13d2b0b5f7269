import { assertEquals, assertThrows } from "@std/assert";
import { listServers } from "./given_folders.ts";

Deno.test("of a folder, what is named as a server with its version is one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assertThrows(() => listServers(folder), Error, "which holds none");
    for (
      const name of ["README.md", "valkey-8.0.1-server", "valkey-8.0.1-cli", "redis-7.4.1-server"]
    ) {
      await Deno.writeTextFile(`${folder}/${name}`, "");
    }
    assertEquals(listServers(folder), ["redis-7.4.1-server", "valkey-8.0.1-server"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
