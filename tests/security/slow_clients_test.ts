/**
 * Clients that hold connections and give nothing: the adapters have a bound for them, cut them off,
 * and serve others meanwhile.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Arena } from "./support/arena.ts";
import { pause, securitySuite } from "./support/security_suite.ts";

const CLIENTS = 200;
const AT_A_TIME = 10;
const HEAD = "POST /invoke/innocent/greet HTTP/1.1\r\nhost: 127.0.0.1\r\n";
/** What each of many clients sends before it waits. */
const HTTP = {
  "that say nothing": "",
  "that stop within the head": HEAD,
  "that stop within the body": `${HEAD}content-length: 1000\r\n\r\n{`,
  "that announce more than may be": `${HEAD}content-length: 99999999999\r\n\r\n{`,
  "whose chunks have no end": `${HEAD}transfer-encoding: chunked\r\n\r\nffffffff\r\n{`,
  "whose head has no end": HEAD + "x-more: 1\r\n".repeat(2_000),
};
const RESP = {
  "that say nothing, over RESP": "",
  "that stop within a script": "*2\r\n$12\r\nRG.TSEXECUTE\r\n$1000000\r\nGB(",
  "that announce a script without end": "*2\r\n$12\r\nRG.TSEXECUTE\r\n$999999999999\r\nGB(",
  "that announce arguments without end": "*99999999\r\n$12\r\nRG.TSEXECUTE\r\n",
  "that send no RESP": "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
};

/** Opens connections, sends, holds them for a while, and leaves. */
async function hold(address: Deno.NetAddr, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  const conns: Deno.TcpConn[] = [];
  while (conns.length < CLIENTS) {
    // The clients share the thread of the runtime here, which real ones do not.
    await pause(2);
    const some = await Promise.all(
      Array.from({ length: AT_A_TIME }, () => Deno.connect({ ...address, transport: "tcp" })),
    );
    // Some are refused while they are still sending.
    await Promise.all(some.map((conn) => conn.write(bytes).catch(() => 0)));
    conns.push(...some);
  }
  await pause(200);
  for (const conn of conns) conn.close();
}

function addressOf(arena: Arena, adapter: "http" | "resp"): Deno.NetAddr {
  const { hostname, port } = adapter === "http" ? new URL(arena.runtime.http) : arena.runtime.resp;
  return { transport: "tcp", hostname, port: Number(port) };
}

function attempts(adapter: "http" | "resp", texts: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      `${CLIENTS} clients ${name}`,
      (arena: Arena) => hold(addressOf(arena, adapter), text),
    ]),
  );
}

securitySuite("slow clients", {
  ...attempts("http", HTTP),
  ...attempts("resp", RESP),
  "more clients than may be": async (arena) => {
    const address = addressOf(arena, "resp");
    const conns = await Promise.all(
      Array.from({ length: 450 }, () => Deno.connect({ ...address, transport: "tcp" })),
    );
    await pause(100);
    const refused = await Promise.all(
      conns.slice(400).map(async (conn) => {
        const buffer = new Uint8Array(100);
        const length = await conn.read(buffer).catch(() => null);
        return new TextDecoder().decode(buffer.subarray(0, length ?? 0));
      }),
    );
    assertEquals(new Set(refused), new Set(["-ERR max number of clients reached\r\n"]));
    for (const conn of conns) conn.close();
    await pause(100);
    const [again] = [await Deno.connect({ ...address, transport: "tcp" })];
    await again.write(new TextEncoder().encode("PING\r\n"));
    const buffer = new Uint8Array(100);
    const length = await again.read(buffer);
    assert(length === 7, new TextDecoder().decode(buffer.subarray(0, length ?? 0)));
    again.close();
  },
}, { maxClients: 400 });
