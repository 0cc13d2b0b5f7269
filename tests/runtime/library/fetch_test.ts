import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { engineSuite } from "../../support/engine_suite.ts";
import { callFetch, deploy, invoke, refusal } from "./library_calls.ts";

const LIBRARY = `import { execute } from "pinion";
export async function ping() { return await execute("PING"); }
const routes = {
  "/echo": async (request) => new Response(await request.arrayBuffer(), {
    status: 201,
    statusText: "Made",
    headers: [["x-method", request.method], ["x-sent", request.headers.get("x-sent") ?? ""]],
  }),
  "/json": (request) => Response.json({ url: request.url, q: new URL(request.url).searchParams.get("q") }),
  "/redis": async () => new Response(await execute("GET", "k")),
  "/empty": () => new Response(null, { status: 204 }),
  "/cookies": () => new Response("x", { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] }),
  "/stream": () => new Response(new ReadableStream({
    async start(controller) {
      for (const part of ["one ", "two ", "three"]) {
        await null;
        controller.enqueue(new TextEncoder().encode(part));
      }
      controller.close();
    },
  })),
  "/throw": () => { throw new Error("no route"); },
  "/text": () => "just text",
  "/error": () => Response.error(),
  "/broken": () => new Response(new ReadableStream({ pull() { throw new Error("dry"); } })),
  "/headers": () => new Response("x", { headers: Array.from({ length: 300 }, (_, n) => ["x-" + n, "1"]) }),
  "/context": (_request, context) => Response.json(context),
};
export default {
  greeting: "hello",
  fetch(request, context) {
    const route = routes[new URL(request.url).pathname];
    return route ? route(request, context) : new Response(this.greeting, { status: 404 });
  },
};`;

const url = (path: string) => `http://host${path}`;
const text = (body: Uint8Array | null) => new TextDecoder().decode(body ?? new Uint8Array());

engineSuite("engine: fetch of a library", {
  "gets the request and answers with status, headers and body": async (test) => {
    await deploy(test, LIBRARY, { manifest: { env: { NAME: "v" } } });
    const body = new Uint8Array([0, 255, 128, 10]);
    const reply = await callFetch(test, {
      method: "POST",
      url: url("/echo"),
      headers: [["x-sent", "ä b"]],
      body,
    });
    assertEquals([reply.status, reply.statusText], [201, "Made"]);
    assertEquals(reply.headers, [["x-method", "POST"], ["x-sent", "ä b"]]);
    assertEquals(reply.body, body);
    const json = await callFetch(test, { url: url("/json?q=a%20b") });
    assertEquals(JSON.parse(text(json.body)), { url: url("/json?q=a%20b"), q: "a b" });
    assertEquals(json.headers, [["content-type", "application/json"]]);
    const context = await callFetch(test, { url: url("/context") });
    assertEquals(JSON.parse(text(context.body)), { library: "lib", env: { NAME: "v" } });
  },

  "answers with bodies of every kind": async (test) => {
    await test.ask("SET", "k", "stored");
    assertEquals(text((await callFetch(test, { url: url("/redis") })).body), "stored");
    const empty = await callFetch(test, { url: url("/empty") });
    assertEquals([empty.status, empty.body], [204, null]);
    assertEquals(text((await callFetch(test, { url: url("/stream") })).body), "one two three");
    const missing = await callFetch(test, { url: url("/none") });
    assertEquals([missing.status, text(missing.body)], [404, "hello"]);
    const cookies = await callFetch(test, { url: url("/cookies") });
    assertEquals(cookies.headers.filter(([name]) => name === "set-cookie"), [
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]);
    const large = new Uint8Array(4_000_000).fill(7);
    const echoed = await callFetch(test, { method: "PUT", url: url("/echo"), body: large });
    assertEquals(echoed.body, large);
  },

  "what is no answer is the function's failure, and harms nobody": async (test) => {
    const failures: readonly (readonly [path: string, message: RegExp])[] = [
      ["/throw", /^Error: no route$/],
      ["/text", /^fetch must return a Response/],
      ["/error", /^fetch must return a Response that is no error/],
      ["/broken", /^Error: dry$/],
      ["/headers", /^Cannot answer: 301 headers of the Response, expected at most 256$/],
    ];
    const [{ id }] = test.engine.listSessions();
    for (const [path, message] of failures) {
      const error = await refusal(callFetch(test, { url: url(path) }), "FUNCTION_FAILED");
      assertMatch(error.message, message);
    }
    assertEquals(await invoke(test, "ping"), "PONG");
    assertEquals(test.engine.listSessions().map((session) => session.id), [id]);
  },

  "a library without fetch, and fetch by the name of an export, are refused": async (test) => {
    await deploy(test, "export function f() {}", { upgrade: true });
    const none = await refusal(callFetch(test), "NO_EXPORT");
    assertStringIncludes(none.message, 'Library lib has no export "default"');
    await deploy(test, LIBRARY, { upgrade: true });
    await refusal(invoke(test, "default"), "NO_EXPORT");
  },
});
