/**
 * Connections are counted, and those of clients that are slow or do nothing are cut off.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { findServeConnection } from "../../../runtime/http/server/connections.ts";
import { CutSignal } from "../../../runtime/http/server/cut_signal.ts";
import { HTTP_LIMITS, type HttpLimits } from "../../../runtime/http/reply/http_limits.ts";
import { serveHttp } from "../../../runtime/http/server/serve_http.ts";
import { startRuntime, type TestRuntime } from "../../support/start_runtime.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { events, post } from "./http_client.ts";

const WAITING = `
  export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms, "waited"));
  export const large = () => "x".repeat(8_000_000);`;

/** A server with limits of its own before the engine of a runtime. */
function serve({ engine }: TestRuntime, limits: Partial<HttpLimits>, isBounded = true) {
  const logs: string[] = [];
  const server = serveHttp({
    listen: { hostname: "127.0.0.1", port: 0 },
    engine,
    limits,
    log: (message) => logs.push(message),
    ...(!isBounded && { serveConnection: null }),
  });
  return Object.assign(server, { url: `http://127.0.0.1:${server.address.port}`, logs });
}

/** Sends text; what comes back until the connection ends. */
async function exchange(port: number, text: string): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(text));
  let received = "";
  const decoder = new TextDecoder();
  // A connection that is cut may be reset.
  for await (const chunk of conn.readable.values({ preventCancel: true })) {
    received += decoder.decode(chunk);
  }
  return received;
}

async function withRuntime(test: (runtime: TestRuntime) => Promise<void>): Promise<void> {
  await using runtime = await startRuntime();
  await runtime.engine.deploy({
    name: "slow",
    source: WAITING,
    manifest: { env: {}, allowNet: [], secrets: [] },
    upgrade: false,
  });
  await test(runtime);
}

const HEAD = "POST /invoke/slow/wait HTTP/1.1\r\nhost: 127.0.0.1\r\n";
/** Each is a client that never comes to an end. */
const SLOW = {
  "says nothing": "",
  "stops within the head": HEAD,
  "stops within the body": `${HEAD}content-length: 10\r\n\r\n123`,
  "stops within a chunk": `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\n12`,
  "stops within the body of a deploy":
    "PUT /v1/libraries/x HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 10\r\n\r\n{",
  "keeps its connection": `${HEAD}content-length: 1\r\n\r\n0`,
};

Deno.test("clients that are slow or do nothing are cut off", () =>
  withRuntime(async (runtime) => {
    await using server = serve(runtime, {
      headerTimeoutMs: 300,
      bodyTimeoutMs: 300,
      maxIdleMs: 300,
      watchAfterMs: 50,
    });
    const ends = Object.entries(SLOW).map(async ([name, text]) =>
      [name, await exchange(server.address.port, text).catch(() => "")] as const
    );
    const replies = new Map(await Promise.all(ends));
    assertMatch(replies.get("keeps its connection")!, /^HTTP\/1.1 200 OK/);
    assertEquals(replies.get("says nothing"), "");
    assertEquals(replies.get("stops within the head"), "");
    assertEquals(runtime.engine.listLibraries().map(({ name }) => name), ["slow"]);
  }));

Deno.test("a client that does not read its reply is cut off", () =>
  withRuntime(async (runtime) => {
    await using server = serve(runtime, { maxIdleMs: 300 });
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.address.port });
    const request = HEAD.replace("wait", "large") + "content-length: 0\r\n\r\n";
    await conn.write(new TextEncoder().encode(request));
    const first = new Uint8Array(16);
    await conn.read(first);
    // Until the server has cut it, what it could not send is still to come.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    let received = 0;
    const rest = new Uint8Array(1 << 20);
    try {
      for (let read; (read = await conn.read(rest)) !== null;) received += read;
    } catch (error) {
      assert(error instanceof Deno.errors.ConnectionReset, String(error));
    }
    assert(received < 8_000_000, `${received} bytes came after all`);
  }));

Deno.test("a request that takes long is not cut off, nor is a stream of events", () =>
  withRuntime(async (runtime) => {
    await using server = serve(runtime, {
      headerTimeoutMs: 200,
      bodyTimeoutMs: 200,
      maxIdleMs: 200,
      watchAfterMs: 50,
    });
    const waited = fetch(`${server.url}/invoke/slow/wait`, post("1500"));
    const streamed = events(`${server.url}/v1/run`, {
      ...post(
        `await new Promise((resolve) => setTimeout(resolve, 1_500)); GB("ShardsIDReader").run();`,
      ),
      headers: { accept: "text/event-stream" },
    });
    assertEquals(await (await waited).json(), "waited");
    assertEquals((await streamed).at(-1)?.event, "result");
  }));

Deno.test("more clients than may be are refused, those that do nothing give way", () =>
  withRuntime(async (runtime) => {
    const idle: Promise<string>[] = [];
    await using _ended = { [Symbol.asyncDispose]: async () => void await Promise.all(idle) };
    await using server = serve(runtime, { maxClients: 2 });
    const { port } = server.address;
    const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    const busy = Array.from(
      { length: 2 },
      () => fetch(`${server.url}/invoke/slow/wait`, { ...post("1200"), client }),
    );
    await waitUntil(() => runtime.engine.listSessions()[0].refCount === 2);
    const refusal = await exchange(port, "");
    assertMatch(refusal, /^HTTP\/1.1 503 [^]*retry-after: 1\r\n[^]*"code":"LIMIT_CLIENTS"/);
    JSON.parse(refusal.slice(refusal.indexOf("\r\n\r\n")));
    for (const response of await Promise.all(busy)) assertEquals(await response.json(), "waited");
    client.close();
    const health = "GET /healthz HTTP/1.1\r\nconnection: close\r\nhost: a\r\n\r\n";
    const isServed = async () => (await exchange(port, health)).startsWith("HTTP/1.1 200 ");
    await waitUntil(async () => (await Promise.all([isServed(), isServed()])).every(Boolean));
    // Two that say nothing hold the places, until they have done so for a second.
    for (let count = 0; count < 2; count++) idle.push(exchange(port, "").catch(() => ""));
    await waitUntil(isServed);
    assertEquals(await Promise.race(idle), "");
  }));

Deno.test("where Deno cannot serve single connections, it serves all the same and says so", () =>
  withRuntime(async (runtime) => {
    await using server = serve(runtime, HTTP_LIMITS, false);
    const response = await fetch(`${server.url}/invoke/slow/wait`, post("1"));
    assertEquals(await response.json(), "waited");
    assertMatch(server.logs[0], /HTTP clients are neither counted nor cut off/);
  }));

Deno.test("to cut a connection that has just ended is no error", async () => {
  const serveConnection = findServeConnection();
  assert(serveConnection !== undefined);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0, transport: "tcp" });
  const { port } = listener.addr as Deno.NetAddr;
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  const conn = await listener.accept();
  const signal = new CutSignal();
  const handle = () => Promise.resolve(new Response("ok"));
  const server = serveConnection(conn, signal, handle, () => new Response(), () => {});
  client.close();
  await server.finished;
  signal.cut();
  assert(signal.aborted);
});
