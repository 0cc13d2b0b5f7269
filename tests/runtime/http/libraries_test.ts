/**
 * Deploying, invoking and serving by HTTP.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startRuntime } from "../../support/start_runtime.ts";
import { until } from "../resp/raw_client.ts";
import { ask, fail, json, post } from "./http_client.ts";

const SOURCE = `import { GB } from "pinion";
export async function echo(value) { return { got: value }; }
export async function nothing() {}
export async function broken() { throw new Error("mine"); }
export async function slow() { await new Promise((r) => setTimeout(r, 60_000)); }
export const shards = GB("ShardsIDReader").count();
export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === "/headers") {
      return Response.json(Object.fromEntries(request.headers));
    }
    if (url.pathname === "/teapot") {
      return new Response(null, { status: 418, statusText: "Teapot", headers: { "x-kind": "pot" } });
    }
    if (url.pathname === "/empty") return new Response(null, { status: 204 });
    if (url.pathname === "/bytes") return new Response(new Uint8Array([0, 255, 1]));
    return new Response(
      [request.method, url.pathname, url.search, await request.text()].join("|"),
    );
  },
};`;

Deno.test("a library is deployed, upgraded, rolled back and removed", async () => {
  await using runtime = await startRuntime();
  const all = `${runtime.http}/v1/libraries`;
  const url = `${all}/lib`;
  await fail(404, "NO_LIBRARY", url);
  const checked = await ask(`${url}?dryRun=1`, json("PUT", { source: SOURCE }));
  assertEquals([checked.status, checked.body.name], [200, "lib"]);
  assertEquals((await ask(all)).body, []);

  const first = await ask(
    url,
    json("PUT", { source: SOURCE, manifest: { env: { A: "hunter2" } } }),
  );
  assertEquals([first.status, first.body.version, first.body.state], [201, 1, "ready"]);
  await fail(409, "SESSION_EXISTS", url, json("PUT", { source: SOURCE }));
  const upgrade = { source: SOURCE + "\n// two", upgrade: true };
  const second = await ask(url, json("PUT", upgrade));
  assertEquals([second.status, second.body.version], [200, 2]);
  const info = (await ask(url)).body;
  assertEquals(info.versions.length, 2);
  assert(!JSON.stringify(info).includes("hunter2"));

  const back = await ask(`${url}/rollback`, { method: "POST" });
  assertEquals([back.status, back.body.hash], [200, first.body.hash]);
  await fail(404, "NO_VERSION", `${url}/rollback`, json("POST", { version: 99 }));
  await fail(400, "BAD_BODY", `${url}/rollback`, json("POST", { version: "1" }));

  assertEquals((await ask(url, { method: "DELETE" })).status, 204);
  await fail(404, "NO_LIBRARY", url, { method: "DELETE" });
});

Deno.test("a body that does not fit is told what is wrong with it", async () => {
  await using runtime = await startRuntime();
  const url = `${runtime.http}/v1/libraries/lib`;
  const cases: readonly (readonly [body: unknown, what: string])[] = [
    [{}, "source"],
    [{ source: 1 }, "source"],
    [{ source: "1", color: "red" }, "color"],
    [{ source: "1", manifest: { memoryMb: 1 } }, "manifest.memoryMb"],
    [{ source: "1", manifest: { allowNet: ["nowhere"] } }, "manifest.allowNet.0"],
    [[], "object"],
  ];
  for (const [body, what] of cases) {
    const { body: { detail } } = await fail(400, "BAD_BODY", url, json("PUT", body));
    assertStringIncludes(detail, what);
  }
  await fail(415, "UNSUPPORTED_MEDIA_TYPE", url, { method: "PUT", body: "{}" });
  await fail(400, "BAD_BODY", url, {
    method: "PUT",
    body: "{",
    headers: { "content-type": "application/json; charset=utf-8" },
  });
  await fail(400, "BAD_ARGUMENT", `${runtime.http}/v1/libraries/a.b`, json("PUT", { source: "1" }));
  await fail(422, "SCRIPT_SYNTAX", url, json("PUT", { source: "let x = ;" }));
  assertEquals((await ask(`${runtime.http}/v1/libraries`)).body, []);
});

Deno.test("exports are invoked", async () => {
  await using runtime = await startRuntime();
  await ask(`${runtime.http}/v1/libraries/lib`, json("PUT", { source: SOURCE }));
  const url = `${runtime.http}/invoke/lib`;
  const value = { a: [1, "é", null] };
  assertEquals((await ask(`${url}/echo`, json("POST", value))).body, { got: value });
  // The way that curl sends it.
  const form = "application/x-www-form-urlencoded";
  assertEquals((await ask(`${url}/echo`, post("[1]", form))).body, { got: [1] });
  assertEquals((await ask(`${url}/%65cho`, json("POST", 1))).body, { got: 1 });
  const { status, headers, body } = await ask(`${url}/nothing`, { method: "POST" });
  assertEquals([status, headers.get("content-type"), body], [200, "application/json", null]);
  assertStringIncludes(JSON.stringify((await ask(`${url}/shards`, { method: "POST" })).body), "1");

  const broken = await fail(500, "FUNCTION_FAILED", `${url}/broken`, { method: "POST" });
  assertStringIncludes(broken.body.detail, "mine");
  await fail(404, "NO_EXPORT", `${url}/other`, { method: "POST" });
  await fail(404, "NO_LIBRARY", `${runtime.http}/invoke/other/echo`, { method: "POST" });
  await fail(400, "BAD_BODY", `${url}/echo`, post("{", "application/json"));
  const { headers: wrong } = await fail(405, "METHOD_NOT_ALLOWED", `${url}/echo`);
  assertEquals(wrong.get("allow"), "POST");
});

Deno.test("an invocation body has the limit of all bodies", async () => {
  await using runtime = await startRuntime({ maxBodyBytes: 2000 });
  await ask(
    `${runtime.http}/v1/libraries/lib`,
    json("PUT", {
      source: "export async function size(text) { return text.length; }",
    }),
  );
  const url = `${runtime.http}/invoke/lib/size`;
  assertEquals((await ask(url, json("POST", "x".repeat(1998)))).body, 1998);
  await fail(413, "TOO_LARGE", url, json("POST", "x".repeat(1999)));
});

Deno.test("a module's fetch answers every method under its path", async () => {
  await using runtime = await startRuntime();
  await ask(`${runtime.http}/v1/libraries/lib`, json("PUT", { source: SOURCE }));
  const url = `${runtime.http}/fn/lib`;
  const text = async (path: string, init?: RequestInit) =>
    await (await fetch(url + path, init)).text();
  assertEquals(await text(""), "GET|/||");
  assertEquals(await text("/a/b%20c?x=1&y"), "GET|/a/b%20c|?x=1&y|");
  assertEquals(await text("/p", { method: "PATCH", body: "body" }), "PATCH|/p||body");
  const head = await fetch(`${url}/a`, { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);
  const pot = await fetch(`${url}/teapot`);
  assertEquals([pot.status, pot.headers.get("x-kind")], [418, "pot"]);
  await pot.body?.cancel();
  assertEquals((await fetch(`${url}/empty`)).status, 204);
  assertEquals(
    new Uint8Array(await (await fetch(`${url}/bytes`)).arrayBuffer()),
    new Uint8Array([0, 255, 1]),
  );
  await fail(404, "NO_LIBRARY", `${runtime.http}/fn/other/`);
});

Deno.test("a module's fetch does not see the runtime's token", async () => {
  await using runtime = await startRuntime({ token: "hush" });
  const authorization = "Bearer hush";
  const put = json("PUT", { source: SOURCE });
  await ask(`${runtime.http}/v1/libraries/lib`, {
    ...put,
    headers: { ...put.headers, authorization },
  });
  const { body } = await ask(`${runtime.http}/fn/lib/headers`, {
    headers: { authorization, "x-mine": "1" },
  });
  assertEquals([body.authorization, body["x-mine"]], [undefined, "1"]);
});

Deno.test("a client that leaves aborts its invocation", async () => {
  await using runtime = await startRuntime();
  await ask(`${runtime.http}/v1/libraries/lib`, json("PUT", { source: SOURCE }));
  for (const path of ["/invoke/lib/slow", "/invoke/lib/%73low"]) {
    const controller = new AbortController();
    const left = fetch(runtime.http + path, { method: "POST", signal: controller.signal })
      .catch(() => "left");
    const before = (await ask(`${runtime.http}/v1/libraries`)).body[0].failures;
    setTimeout(() => controller.abort(), 100);
    assertEquals(await left, "left");
    await until(async () => (await ask(`${runtime.http}/v1/libraries`)).body[0].failures > before);
  }
});
