const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log((listener.addr as Deno.NetAddr).port);
const reply = new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4\r\ndate: Sat, 21 Nov 2026 13:01:28 GMT\r\n\r\nnull");
for await (const c of listener) {
  (async () => { const b = new Uint8Array(4096); try { c.setNoDelay(true); while (await c.read(b) !== null) await c.write(reply); } catch { } })();
}
