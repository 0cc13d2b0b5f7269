const [port, kind, conns, secs] = [Number(Deno.args[0]), Deno.args[1], Number(Deno.args[2] ?? 50), Number(Deno.args[3] ?? 3)];
const req = new TextEncoder().encode(kind === "redis" ? "PING\r\n" : `POST ${Deno.args[4] ?? "/"} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: 0\r\n\r\n`);
let stop = false, n = 0;
const lat: number[] = [];
async function one() {
  const c = await Deno.connect({ hostname: "127.0.0.1", port });
  c.setNoDelay(true);
  const buf = new Uint8Array(4096);
  while (!stop) {
    const t0 = performance.now();
    await c.write(req);
    const l = await c.read(buf);
    lat.push(performance.now() - t0);
    n++;
    if (n === 1) console.log(new TextDecoder().decode(buf.subarray(0, l!)));
  }
  c.close();
}
const t0 = performance.now();
setTimeout(() => stop = true, secs * 1000);
await Promise.all(Array.from({ length: conns }, one));
const d = (performance.now() - t0) / 1000;
lat.sort((a, b) => a - b);
console.log("rate", (n / d).toFixed(), "p50", lat[lat.length >> 1].toFixed(3), "p99", lat[Math.floor(lat.length * .99)].toFixed(3));
