/**
 * Random and mutated requests: each is answered with a status that tells whose fault it is, or the
 * connection is closed; none is an internal error, and the server goes on.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { ROUTE_TABLE } from "../../../runtime/http/routes/route_table.ts";
import { createRandom, INPUTS, mutate, pick, type Random, SEED } from "../../support/random.ts";
import { watchGrowth } from "../../support/growth.ts";
import { startRuntime } from "../../support/start_runtime.ts";
import { ask, exchange, json } from "./http_client.ts";

const ALPHABET = new TextEncoder().encode('/?&=%{}[]":,. \r\n\r\n\t0123456789azAZ\0\xff');
const METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW"];
const TYPES = [
  "application/json",
  "text/plain",
  "text/event-stream",
  "x",
  "",
  "multipart/form-data",
];
const BODIES = ["", "{}", "[]", "null", '{"source":1}', '{"version":0}', "{", "1 + 1", "\xff", '"'];
const WORDS = ["lib", "missing", "0".repeat(40) + "-1", "%2F", "%ff", "a b", "..", "é", "%00", ""];

function createTarget(random: Random): string {
  const route = pick(random, ROUTE_TABLE);
  const isKnown = route.method !== "ANY" && random(4) > 0;
  const path = route.path
    .replaceAll(/\{\w+\}/g, () => encodeURI(pick(random, WORDS)))
    .replace("*", () => encodeURI(pick(random, WORDS)));
  const query = pick(random, ["", "?wait=1", "?dryRun", "?mode=sync", "?=", "?a=%ff&a", "?id=%"]);
  return `${isKnown ? route.method : pick(random, METHODS)} ${path}${query}`;
}

function createRequest(random: Random, host: string): Uint8Array {
  const body = pick(random, BODIES);
  const headers = [
    `host: ${host}`,
    `content-type: ${pick(random, TYPES)}`,
    `accept: ${pick(random, TYPES)}`,
    random(8) === 0 ? "transfer-encoding: chunked" : `content-length: ${body.length}`,
    "connection: close",
  ];
  const head = `${createTarget(random)} HTTP/1.1\r\n`;
  const text = head + headers.filter(() => random(12) > 0).join("\r\n") + `\r\n\r\n${body}`;
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  return random(2) === 0 ? bytes : mutate(random, bytes, ALPHABET);
}

Deno.test(`a live HTTP port survives anything (seed ${SEED})`, async () => {
  const random = createRandom(SEED);
  await using runtime = await startRuntime();
  const source = "export async function f(value) { return value; }" +
    "export default { fetch: (request) => new Response(request.url) };";
  await ask(`${runtime.http}/v1/libraries/lib`, json("PUT", { source }));
  const { host } = new URL(runtime.http);
  const statuses = new Map<string, number>();
  const count = Math.ceil(INPUTS / 20);
  const parallel = 10;
  const checkGrowth = watchGrowth();
  for (let i = 0; i < count; i += parallel) {
    const inputs = Array.from({ length: parallel }, () => createRequest(random, host));
    await Promise.all(
      inputs.map(async (input) => {
        const text = await exchange(runtime.http, input, 100).catch(() => "");
        const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? "none";
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const shown = `seed ${SEED}: ${JSON.stringify(String.fromCharCode(...input))}: ${text}`;
        assert(!text.includes('"code":"INTERNAL"'), shown);
        assert(status !== "500" || text.includes('"FUNCTION_FAILED"'), shown);
      }),
    );
    assertEquals((await ask(`${runtime.http}/healthz`)).status, 200);
  }
  checkGrowth();
  assertEquals(runtime.logs.filter((line) => line.includes("HTTP request failed")), []);
  for (const status of ["200", "400", "404", "405"]) {
    assert(statuses.has(status), JSON.stringify([...statuses]));
  }
});
