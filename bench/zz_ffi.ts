const [port, conns, secs, path] = [Number(Deno.args[0]), Number(Deno.args[1] ?? 50), Number(Deno.args[2] ?? 3), Deno.args[3] ?? "/"];
const c = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32","i32","i32"], result: "i32" },
  connect: { parameters: ["i32","buffer","i32"], result: "i32" },
  send: { parameters: ["i32","buffer","usize","i32"], result: "isize" },
  recv: { parameters: ["i32","buffer","usize","i32"], result: "isize" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32","i32","i32","buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32","buffer","i32","i32"], result: "i32" },
}).symbols;
const req = new TextEncoder().encode(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: 0\r\n\r\n`);
const addr = new Uint8Array([2,0,port>>8,port&255,127,0,0,1,0,0,0,0,0,0,0,0]);
const ep = c.epoll_create1(0);
const sentAt = new Float64Array(4096);
for (let i = 0; i < conns; i++) {
  const fd = c.socket(2, 1, 0);
  if (c.connect(fd, addr, 16) !== 0) throw new Error("connect");
  const ev = new DataView(new ArrayBuffer(12)); ev.setUint32(0, 1, true); ev.setUint32(4, fd, true);
  c.epoll_ctl(ep, 1, fd, new Uint8Array(ev.buffer));
  sentAt[fd] = performance.now();
  c.send(fd, req, BigInt(req.length), 0);
}
const evs = new Uint8Array(12 * 64), view = new DataView(evs.buffer);
const buf = new Uint8Array(4096);
const lat: number[] = [];
const L = BigInt(req.length), B = BigInt(4096);
const t0 = performance.now(); let now = t0, n = 0;
while (now - t0 < secs * 1000) {
  const k = c.epoll_wait(ep, evs, 64, 100);
  now = performance.now();
  for (let i = 0; i < k; i++) {
    const fd = view.getUint32(i * 12 + 4, true);
    c.recv(fd, buf, B, 0);
    lat.push(now - sentAt[fd]);
    n++;
    sentAt[fd] = performance.now();
    c.send(fd, req, L, 0);
  }
}
lat.sort((a, b) => a - b);
console.log("ffi rate", (n / (now - t0) * 1000).toFixed(), "p50", lat[lat.length >> 1].toFixed(3), "p99", lat[Math.floor(lat.length * .99)].toFixed(3));
