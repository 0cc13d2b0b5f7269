/**
 * Who is let in.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { startRuntime } from "../../support/start_runtime.ts";
import { ask, exchange, fail, post } from "./http_client.ts";

Deno.test("with a token, everything but the two health paths asks for it", async () => {
  await using runtime = await startRuntime({ token: "correct-horse" });
  for (const path of ["/healthz", "/readyz"]) {
    assertEquals((await ask(runtime.http + path)).status, 200);
  }
  const closed = ["/", "/metrics", "/openapi.json", "/v1/executions", "/v1/nothing", "/fn/lib/"];
  for (const path of closed) {
    const { headers } = await fail(401, "NOT_AUTHENTICATED", runtime.http + path);
    assertEquals(headers.get("www-authenticate"), 'Bearer realm="pinion"');
  }
  await fail(401, "NOT_AUTHENTICATED", `${runtime.http}/v1/run`, post("1"));
  await fail(401, "NOT_AUTHENTICATED", `${runtime.http}/invoke/a/b`, { method: "POST" });
  const wrong = ["Bearer wrong", "Bearer correct-horses", "Bearer ", "Basic correct-horse", "x"];
  for (const authorization of wrong) {
    const { body } = await fail(401, "NOT_AUTHENTICATED", `${runtime.http}/`, {
      headers: { authorization },
    });
    assert(!body.detail.includes("horse"));
  }
  for (const authorization of ["Bearer correct-horse", "bearer  correct-horse"]) {
    assertEquals((await ask(`${runtime.http}/`, { headers: { authorization } })).status, 200);
  }
  const cross = { authorization: "Bearer correct-horse", origin: "https://example.com" };
  assertEquals((await ask(`${runtime.http}/`, { headers: cross })).status, 200);
});

Deno.test("without a token, pages of other sites are refused", async () => {
  await using runtime = await startRuntime();
  const { port } = new URL(runtime.http);
  const request = (path: string, headers: readonly string[]) =>
    exchange(
      runtime.http,
      [`POST ${path} HTTP/1.1`, "content-length: 1", "connection: close", ...headers, "", "1"]
        .join("\r\n"),
    );
  const host = `host: 127.0.0.1:${port}`;
  for (const path of ["/v1/run", "/invoke/a/b"]) {
    for (const origin of ["https://example.com", "null", "http://127.0.0.1:1"]) {
      assert(
        (await request(path, [host, `origin: ${origin}`])).startsWith("HTTP/1.1 403 "),
        origin,
      );
    }
    for (const name of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example"]) {
      assert((await request(path, [`host: ${name}`])).startsWith("HTTP/1.1 403 "), name);
    }
  }
  const good = [
    [host],
    [host, `origin: http://127.0.0.1:${port}`],
    [`host: localhost:${port}`],
    [`host: [::1]:${port}`],
  ];
  for (const headers of good) {
    assert((await request("/v1/run", headers)).startsWith("HTTP/1.1 200 "), headers.join());
  }
});
