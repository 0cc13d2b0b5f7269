/**
 * Short forms to talk to a runtime over HTTP in tests.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { readEvents } from "../../../cli/base/server_events.ts";

/** A JSON reply. */
export interface JsonReply {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

/** Sends a request and reads its JSON reply; null where there is none. */
export async function ask(url: string, init?: RequestInit): Promise<JsonReply> {
  const response = await fetch(url, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? null : JSON.parse(text),
  };
}

/** Sends a request that must fail: checks that the reply is a problem document, and gives it. */
export async function fail(
  status: number,
  code: string,
  url: string,
  init?: RequestInit,
): Promise<JsonReply> {
  const reply = await ask(url, init);
  assertEquals([reply.status, reply.body?.code], [status, code], JSON.stringify(reply.body));
  assertEquals(reply.headers.get("content-type"), "application/problem+json");
  assertEquals(reply.body.status, status);
  for (const member of ["type", "title", "detail"]) {
    assertEquals(typeof reply.body[member], "string", member);
  }
  return reply;
}

/** Options of a POST. */
export function post(body: BodyInit, type?: string): RequestInit {
  return { method: "POST", body, headers: type === undefined ? {} : { "content-type": type } };
}

/** Options of a request with a JSON body. */
export function json(method: string, body: unknown): RequestInit {
  return { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

/** Reads a reply of events to its end. */
export async function events(
  url: string,
  init: RequestInit,
): Promise<{ readonly event: string; readonly data: unknown }[]> {
  const response = await fetch(url, {
    ...init,
    headers: { ...init.headers, accept: "text/event-stream" },
  });
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  return await Array.fromAsync(readEvents(response.body!));
}

/** Sends bytes as they are and reads until a response is whole, or nothing comes for some time. */
export async function exchange(
  base: string,
  request: string | Uint8Array,
  quietMs = 3_000,
): Promise<string> {
  const { hostname, port } = new URL(base);
  using conn = await Deno.connect({ hostname, port: Number(port) });
  const bytes = typeof request === "string" ? new TextEncoder().encode(request) : request;
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  const timer = setTimeout(() => conn.close(), quietMs);
  try {
    for (let read; (read = await conn.read(buffer)) !== null;) {
      text += decoder.decode(buffer.subarray(0, read));
      if (/\r\n\r\n[^]*$/.test(text) && isWhole(text)) break;
    }
  } catch {
    // Silent for long enough.
  }
  clearTimeout(timer);
  return text;
}

/** Whether a response with a length is there as a whole. */
function isWhole(text: string): boolean {
  const [head, body] = text.split("\r\n\r\n", 2);
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  return length !== undefined && new TextEncoder().encode(body).length >= Number(length);
}
