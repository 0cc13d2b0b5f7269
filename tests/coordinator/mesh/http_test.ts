import { assertEquals, assertMatch } from "@std/assert";
import { LINK_HEADER, SHARD_HEADER } from "../../../coordinator/mesh/link/http_stream.ts";
import { DEFAULT_MESH_LIMITS } from "../../../coordinator/mesh/mesh_limits.ts";
import type { HttpMesh } from "../../../coordinator/mesh/peers/http_mesh.ts";
import { addressOf, startHttpPair, startMesh } from "./mesh_pair.ts";

/** Status and text of a request to a mesh, whose body goes on until the reply has come. */
async function post(
  mesh: HttpMesh,
  headers: Record<string, string>,
  path = "/mesh",
): Promise<[status: number, text: string]> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(new Uint8Array(10));
      await promise;
      controller.close();
    },
  });
  const response = await fetch(`${addressOf(mesh).url}${path}`, { method: "POST", headers, body });
  resolve();
  return [response.status, await response.text()];
}

Deno.test("what opens no link is refused with a status, and changes nothing", async () => {
  await using pair = await startHttpPair();
  const { a, b } = pair;
  assertEquals((await post(b, {}))[0], 400);
  assertEquals((await post(b, {}, "/v1/run"))[0], 404);
  assertEquals((await post(b, { [LINK_HEADER]: "no such link" }))[0], 409);
  const [status, text] = await post(b, { [LINK_HEADER]: "1", [SHARD_HEADER]: "z" });
  assertEquals(status, 409);
  assertMatch(text, /not known here/);
  const response = await fetch(addressOf(b).url);
  assertEquals([response.status, await response.text()], [404, "There is only a mesh here"]);
  assertEquals([a.peers, b.peers], [["b"], ["a"]]);
});

Deno.test("who claims to be a known shard gets nothing, and disturbs no link", async () => {
  await using pair = await startHttpPair();
  const { a, b } = pair;
  let lost = 0;
  b.onPeerLost(() => lost++);
  for (let attempt = 0; attempt < 20; attempt++) {
    // The other direction is opened to the real shard, which awaits no such link.
    const [status, text] = await post(b, { [LINK_HEADER]: "forged", [SHARD_HEADER]: "a" });
    assertEquals(status, 200);
    assertMatch(text, /^\0*$/);
  }
  assertEquals([a.peers, b.peers, lost], [["b"], ["a"], 0]);
});

Deno.test("only so many links are opened at a time", async () => {
  await using b = startMesh("b", { limits: { ...DEFAULT_MESH_LIMITS, strangers: 1 } });
  // Takes connections and says nothing.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const taken = listener.accept();
  b.setPeers(new Map([["a", { url: `http://127.0.0.1:${listener.addr.port}`, epoch: 1 }]]));
  const first = post(b, { [LINK_HEADER]: "1", [SHARD_HEADER]: "a" });
  const connection = await taken;
  const [status] = await post(b, { [LINK_HEADER]: "2", [SHARD_HEADER]: "a" });
  assertEquals(status, 503);
  connection.close();
  listener.close();
  assertEquals((await first)[0], 200);
});
