/**
 * What a runtime tells of itself.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { z } from "zod";
import { ROUTE_TABLE } from "../../../runtime/http/routes/route_table.ts";
import { startRuntime } from "../../support/start_runtime.ts";
import { until } from "../resp/raw_client.ts";
import { ask, fail, json, post } from "./http_client.ts";

Deno.test("replies fit the schemas that are published", async () => {
  await using runtime = await startRuntime();
  const source = "import { log } from 'pinion'; export async function f() { log('x'); }";
  await ask(`${runtime.http}/v1/libraries/lib`, json("PUT", { source }));
  await ask(`${runtime.http}/invoke/lib/f`, { method: "POST" });
  const run = "GB('ShardsIDReader').map((r) => r).run()";
  const { body } = await ask(`${runtime.http}/v1/run?unblocking=1`, post(run));
  await ask(`${runtime.http}/v1/executions/${body.executionId}/results?wait=1`);
  const registering = "GB('StreamReader').register({ prefix: 's' })";
  const registered = await ask(`${runtime.http}/v1/run`, post(registering));
  let checked = 0;
  for (const { method, path, replies } of ROUTE_TABLE) {
    const schema = replies.find(({ status }) => status === 200)?.schema;
    if (method !== "GET" || schema === undefined) continue;
    const isRegistration = path.startsWith("/v1/registrations");
    const id = isRegistration ? registered.body.registrations[0] : body.executionId;
    const filled = path.replace("{id}", id).replace("{name}", "lib");
    const reply = await ask(runtime.http + filled);
    assertEquals(reply.status, 200, path);
    const parsed = schema.safeParse(reply.body);
    assert(parsed.success, `${path}: ${parsed.error}`);
    checked++;
  }
  assert(checked >= 13, String(checked));
});

Deno.test("the OpenAPI document has every route, and its references lead somewhere", async () => {
  await using runtime = await startRuntime();
  const { body } = await ask(`${runtime.http}/openapi.json`);
  assertEquals(body.openapi, "3.1.0");
  for (const { method, path } of ROUTE_TABLE) {
    const item = body.paths[path.replace("*", "{path}")];
    assert(item[method === "ANY" ? "patch" : method.toLowerCase()], path);
  }
  const operations = Object.values(body.paths).flatMap((item) => Object.values(item as object));
  const ids = operations.map(({ operationId }) => operationId);
  assertEquals(new Set(ids).size, ids.length);
  for (const [, pointer] of JSON.stringify(body).matchAll(/"\$ref":"#([^"]+)"/g)) {
    const found = pointer.slice(1).split("/").reduce((value, key) => value?.[key], body);
    assert(found, pointer);
  }
  const deploy = body.paths["/v1/libraries/{name}"].put;
  assertEquals(deploy.parameters.map(({ name }: { name: string }) => name), ["name", "dryRun"]);
  const schema = deploy.requestBody.content["application/json"].schema;
  assertEquals(schema.required, ["source"]);
  // What is published is itself a schema that can be read.
  assert(z.fromJSONSchema(schema).safeParse({ source: "1" }).success);
});

Deno.test("metrics are in the text format of Prometheus", async () => {
  await using runtime = await startRuntime();
  await ask(`${runtime.http}/v1/run`, post("GB('StreamReader').register({ prefix: 's' })"));
  await fail(404, "NOT_FOUND", `${runtime.http}/a/b`);
  await fail(404, "NO_LIBRARY", `${runtime.http}/invoke/a/b`, { method: "POST" });
  const response = await fetch(`${runtime.http}/metrics`);
  assertMatch(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  for (const line of text.trimEnd().split("\n")) {
    assertMatch(
      line,
      /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[^}]*\}|\{.*\{.*\}.*\})? -?[\d.e+-]+)$/,
    );
  }
  const [{ id, library }] = runtime.engine.listRegistrations();
  const labels = `registration="${id}",library="${library}",reader="StreamReader"`;
  const executions = `registration_executions_total{${labels},outcome="success"}`;
  assertStringIncludes(text, `pinion_${executions} 0\n`);
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  assertEquals(new Set(names).size, names.length);
  const route = "/invoke/{library}/{export}";
  assertStringIncludes(text, `pinion_http_requests_total{route="${route}",status="404"} 1\n`);
  assertStringIncludes(text, 'pinion_http_requests_total{route="other",status="404"} 1\n');
  assertStringIncludes(text, 'pinion_http_requests_total{route="/v1/run",status="200"} 1\n');
  assertStringIncludes(text, 'duration_seconds_bucket{route="/v1/run",le="+Inf"} 1\n');
});

Deno.test("settings and log are shown", async () => {
  await using runtime = await startRuntime();
  runtime.engine.config.set("MaxExecutions", "7");
  runtime.engine.config.set("mine", "value");
  const { body } = await ask(`${runtime.http}/v1/config`);
  assertEquals([body.MaxExecutions, body.ExecutionThreads, body.mine], [7, 1, "value"]);
  await ask(`${runtime.http}/v1/run?id=talker`, post("log('one'); log('two')"));
  const lines = (await ask(`${runtime.http}/v1/logs?session=talker`)).body;
  assertEquals(lines.map(({ message }: { message: string }) => message), ["one", "two"]);
  assertEquals((await ask(`${runtime.http}/v1/logs?session=nobody`)).body, []);
  await fail(400, "BAD_ARGUMENT", `${runtime.http}/v1/logs?other=1`);
});

Deno.test("while Redis is down the process is up and not ready", async () => {
  await using runtime = await startRuntime();
  assertEquals((await ask(`${runtime.http}/readyz`)).status, 200);
  runtime.redis.kill("SIGKILL");
  await until(async () => (await ask(`${runtime.http}/healthz`)).body.redis === "down");
  const { headers } = await fail(503, "REDIS_UNAVAILABLE", `${runtime.http}/readyz`);
  assertEquals(headers.get("retry-after"), "1");
  assertEquals((await ask(`${runtime.http}/healthz`)).status, 200);
  const run = post("GB('KeysOnlyReader').count().run()");
  await fail(503, "REDIS_UNAVAILABLE", `${runtime.http}/v1/run`, run);
  await runtime.redis.restart();
  await until(async () => (await ask(`${runtime.http}/readyz`)).status === 200);
  await until(async () => (await ask(`${runtime.http}/v1/run`, run)).status === 200);
});

Deno.test("HEAD is answered without a body, unknown paths and methods with a problem", async () => {
  await using runtime = await startRuntime();
  const head = await fetch(`${runtime.http}/healthz`, { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);
  await fail(404, "NOT_FOUND", `${runtime.http}/v2/run`);
  const { headers } = await fail(405, "METHOD_NOT_ALLOWED", `${runtime.http}/v1/run`);
  assertEquals(headers.get("allow"), "POST");
  const options = await fetch(`${runtime.http}/v1/run`, { method: "OPTIONS" });
  assertEquals(options.status, 405);
  assertEquals(options.headers.get("access-control-allow-origin"), null);
  await options.body?.cancel();
});

Deno.test("a runtime that stops answers what it has at work", async () => {
  const runtime = await startRuntime();
  const forever = "GB('GeneratorReader').filter(() => false)" +
    ".run(function* () { while (true) yield 1; })";
  const waiting = ask(`${runtime.http}/v1/run`, post(forever));
  await until(async () => (await runtime.engine.health()).executionsRunning === 1);
  await runtime[Symbol.asyncDispose]();
  const { status, body } = await waiting;
  assert(status === 409 || status === 503, JSON.stringify(body));
});
