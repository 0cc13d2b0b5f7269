/**
 * `POST /v1/run` and `/v1/executions`.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { startRuntime } from "../../support/start_runtime.ts";
import { until } from "../resp/raw_client.ts";
import { ask, events, fail, post } from "./http_client.ts";

const COUNT = "GB('ShardsIDReader').count().run()";
const FOREVER = "GB('GeneratorReader').filter(() => false)" +
  ".run(function* () { while (true) yield 1; })";

Deno.test("a script is run under every media type that people send", async () => {
  await using runtime = await startRuntime();
  const url = `${runtime.http}/v1/run`;
  const types = [
    "text/plain",
    "text/plain;charset=UTF-8",
    "application/typescript",
    "text/typescript",
    "Application/JavaScript",
    "application/x-www-form-urlencoded",
  ];
  for (const type of types) {
    const { status, body, headers } = await ask(url, post(COUNT, type));
    assertEquals([status, body.results, body.errors], [200, [1], []], type);
    assertMatch(body.executionId, /^0{40}-\d+$/);
    assertEquals(headers.get("x-content-type-options"), "nosniff");
  }
  // Bytes come without a media type.
  assertEquals((await ask(url, post(new TextEncoder().encode(COUNT)))).status, 200);
  for (const type of ["application/json", "multipart/form-data; boundary=x", "image/png"]) {
    await fail(415, "UNSUPPORTED_MEDIA_TYPE", url, post(COUNT, type));
  }
});

Deno.test("results are JSON, whatever they are", async () => {
  await using runtime = await startRuntime();
  const script = `GB("GeneratorReader").run(() => [
    "text", 1.5, null, undefined, 10n, 12345678901234567890n, new Map([["a", new Set([1])]]),
    new Uint8Array([1, 2]), new Date(0), NaN, [undefined, { b: undefined }]
  ])`;
  const { body } = await ask(`${runtime.http}/v1/run`, post(script));
  assertEquals(body.errors, []);
  assertEquals(body.results, [
    "text",
    1.5,
    null,
    null,
    10,
    "12345678901234567890",
    { a: [1] },
    { base64: "AQI=" },
    "1970-01-01T00:00:00.000Z",
    null,
    [null, {}],
  ]);
});

Deno.test("a script without run() has no execution", async () => {
  await using runtime = await startRuntime();
  const { status, body } = await ask(`${runtime.http}/v1/run`, post("1 + 1"));
  assertEquals([status, body], [200, { executionId: null, results: [], errors: [] }]);
});

Deno.test("a script that fails is told with its place, and nothing of the host", async () => {
  await using runtime = await startRuntime();
  const url = `${runtime.http}/v1/run`;
  const syntax = await fail(422, "SCRIPT_SYNTAX", url, post("let x = ;"));
  assertEquals(syntax.body.location, { file: "script.ts", line: 1, column: 9 });
  const thrown = await fail(
    422,
    "SCRIPT_FAILED",
    url,
    post("function f() {\n  throw new Error('mine');\n}\nf();"),
  );
  assertEquals(thrown.body.location.line, 2);
  assertStringIncludes(thrown.body.detail, "mine");
  assert(!/file:|\/(work|root|tmp|usr)\//.test(JSON.stringify(thrown.body)));
  await fail(422, "BAD_IMPORT", url, post("import 'npm:zod'; 1"));
});

Deno.test("the query is checked", async () => {
  await using runtime = await startRuntime();
  const url = `${runtime.http}/v1/run`;
  for (const query of ["mode=sync", "unblocking=maybe", "id=a%20b", "color=red"]) {
    const { body } = await fail(400, "BAD_ARGUMENT", `${url}?${query}`, post(COUNT));
    assertStringIncludes(body.detail, query.split("=")[0]);
  }
  const query = "mode=async_local&id=mine&description=text&unblocking=0&upgrade=1";
  assertEquals((await ask(`${url}?${query}`, post(COUNT))).status, 200);
});

Deno.test("a body over the limit is refused, with and without a length", async () => {
  await using runtime = await startRuntime({ maxBodyBytes: 1000 });
  const url = `${runtime.http}/v1/run`;
  assertEquals((await ask(url, post("1;".padEnd(1000)))).status, 200);
  await fail(413, "TOO_LARGE", url, post("1;".padEnd(1001)));
  let sent = 0;
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller): void {
      sent += 500;
      controller.enqueue(new Uint8Array(500).fill(32));
      if (sent > 1_000_000) controller.close();
    },
  });
  const response = await fetch(url, { method: "POST", body: endless }).catch(() => undefined);
  assertEquals(response?.status ?? 413, 413);
  await response?.body?.cancel();
  await fail(400, "BAD_BODY", url, post(new Uint8Array([0xff, 0xfe, 0x31])));
});

Deno.test("an unblocking execution is listed, waited for and dropped", async () => {
  await using runtime = await startRuntime();
  const { status, body } = await ask(`${runtime.http}/v1/run?unblocking=1`, post(COUNT));
  assertEquals([status, Object.keys(body)], [202, ["executionId"]]);
  const url = `${runtime.http}/v1/executions/${body.executionId}`;
  assertEquals((await ask(`${url}/results?wait=1`)).body, { results: [1], errors: [] });
  assertEquals((await ask(`${url}/results`)).body, { results: [1], errors: [] });
  const info = (await ask(url)).body;
  assertEquals([info.status, info.shards.length], ["done", 1]);
  const { body: list } = await ask(`${runtime.http}/v1/executions`);
  assertEquals(list, [{ executionId: body.executionId, status: "done", registered: false }]);
  assertEquals((await ask(url, { method: "DELETE" })).status, 204);
  await fail(404, "NO_EXECUTION", url);
  await fail(404, "NO_EXECUTION", `${url}/results?wait`);
});

Deno.test("a running execution is aborted", async () => {
  await using runtime = await startRuntime();
  const { body } = await ask(`${runtime.http}/v1/run?unblocking`, post(FOREVER));
  const url = `${runtime.http}/v1/executions/${body.executionId}`;
  const running = await fail(409, "EXECUTION_RUNNING", `${url}/results`);
  assertEquals([running.body.retryable, running.headers.get("retry-after")], [true, "1"]);
  await fail(409, "EXECUTION_RUNNING", url, { method: "DELETE" });
  assertEquals((await ask(`${url}/abort`, { method: "POST" })).status, 204);
  assertEquals((await ask(url)).body.status, "aborted");
});

Deno.test("a client that accepts events sees the progress, the log and the result", async () => {
  await using runtime = await startRuntime();
  const script = `log("hello"); ${COUNT}`;
  const all = await events(`${runtime.http}/v1/run`, post(script));
  const names = all.map(({ event }) => event);
  assertEquals(names.at(-1), "result");
  assert(names.includes("progress") && names.includes("log"), names.join());
  const log = all.find(({ event }) => event === "log")!.data as { message: string };
  assertEquals(log.message, "hello");
  const result = all.at(-1)!.data as { results: unknown };
  assertEquals(result.results, [1]);
  const [failure] = await events(`${runtime.http}/v1/run`, post("let x = ;"));
  assertEquals(failure.event, "error");
  assertEquals((failure.data as { code: string }).code, "SCRIPT_SYNTAX");
});

Deno.test("the progress of an execution is streamed to whoever waits for its results", async () => {
  await using runtime = await startRuntime();
  const slow = "GB('GeneratorReader').count().run(async function* () {" +
    " for (let i = 0; i < 5; i++) { await new Promise((r) => setTimeout(r, 50)); yield i; } })";
  const { body } = await ask(`${runtime.http}/v1/run?unblocking=1`, post(slow));
  const url = `${runtime.http}/v1/executions/${body.executionId}/results?wait=1`;
  const all = await events(url, {});
  assertEquals(all.at(-1), { event: "result", data: { results: [5], errors: [] } });
  assert(all.slice(0, -1).every(({ event }) => event === "progress"));
  assert(all.length > 1);
});

Deno.test("a client that leaves aborts its script, with events or without", async () => {
  await using runtime = await startRuntime();
  for (const accept of ["application/json", "text/event-stream"]) {
    const controller = new AbortController();
    const request = fetch(`${runtime.http}/v1/run`, {
      ...post(FOREVER),
      headers: { accept },
      signal: controller.signal,
    });
    request.catch(() => {});
    await until(async () => (await runtime.engine.health()).executionsRunning === 1);
    if (accept === "text/event-stream") await (await request).body!.getReader().read();
    controller.abort();
    await until(async () => (await runtime.engine.health()).executionsRunning === 0);
  }
});
